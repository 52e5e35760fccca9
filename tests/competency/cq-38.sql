-- Which sources describe what is watched during or after treatment?
select distinct source_id
from claims_flat
join claim_concepts using (claim_id)
where claim_type = 'monitoring'
and role = 'monitored'
