-- Which sources name chronic primary pain at all, in whatever role?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where condition_id = 'chronic-primary-pain'
