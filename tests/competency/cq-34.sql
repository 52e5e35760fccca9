-- Which sources name randomised trials as the basis of a statement?
select distinct source_id
from claims_flat
where evidence_type = 'randomised_trial'
