-- Which sources admit a limit of the evidence on the use or effect of ketamine (an unclear mechanism alone does not count)?
select distinct source_reporting.source_id
from source_reporting
join claims_flat using (source_id)
where item = 'evidence_limits_admitted'
and stated = 'yes'
and claim_type = 'evidence_quality'
and about = 'ketamine'
and not exists (
  select 1
  from claim_concepts
  where claim_concepts.claim_id = claims_flat.claim_id
  and concept_id = 'mechanism-of-action'
)
