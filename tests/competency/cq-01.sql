-- Which sources state that ketamine is not recommended for chronic primary pain?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where condition_id = 'chronic-primary-pain'
and role = 'not_recommended'
