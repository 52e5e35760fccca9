-- From what fact about the receptors does the clinic page conclude ('thus') that ketamine's results are limited?
select causes.focus
from claim_reasons
join claims_flat on claims_flat.claim_id = claim_reasons.claim_id
join claims as causes on causes.claim_id = reason_claim_id
where kind = 'cause'
and connective = 'thus'
and short_name = 'Clinic page'
