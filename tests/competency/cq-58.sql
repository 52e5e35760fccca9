-- Why, according to the FPM page, should ketamine be initiated in specialist centres?
select causes.focus
from claim_reasons
join claims_flat on claims_flat.claim_id = claim_reasons.claim_id
join claims as causes on causes.claim_id = reason_claim_id
join claim_concepts on claim_concepts.claim_id = claim_reasons.claim_id
where kind = 'cause'
and short_name = 'FPM guidance'
and claims_flat.claim_type = 'recommendation'
and concept_id = 'specialist-centre'
and role = 'setting'
