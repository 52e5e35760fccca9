-- The health article says that patients can expect treatment in a medically supervised environment. Which words of the same article are in tension with this?
select claims.focus
from claim_relations
join claim_concepts on claim_concepts.claim_id in (claim_relations.claim_id, related_claim_id)
join claims on claims.claim_id in (claim_relations.claim_id, related_claim_id)
where relation = 'in_tension'
and concept_id = 'medically-supervised-environment'
and role = 'setting'
and claims.claim_id <> claim_concepts.claim_id
