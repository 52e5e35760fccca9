-- Which sources say when ketamine was developed or for how long it has been in medical use?
select distinct source_id
from claims_flat
where about = 'ketamine'
and claim_type = 'history'
