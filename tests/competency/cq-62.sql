-- Which receptors does the health article give, with 'such as', as an example of the other receptors that ketamine affects?
select claim_concepts.mention
from claim_reasons
join claims_flat on claims_flat.claim_id = claim_reasons.claim_id
join claim_concepts on claim_concepts.claim_id = reason_claim_id
where kind = 'example'
and connective = 'such as'
and short_name = 'Health article'
and claims_flat.claim_type = 'mechanism'
and role = 'target'
