-- Which sources say of complex regional pain syndrome itself that ketamine works against it?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where condition_id = 'complex-regional-pain-syndrome'
and role = 'treated'
and claim_type = 'efficacy'
and stance = 'supports'
