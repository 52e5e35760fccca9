-- Which sources name a reason not to give ketamine to a patient?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where role = 'contraindication'
