-- Which two sources agree that the evidence on long-term use or long-term effectiveness of ketamine is still thin or unfinished?
select distinct claims_flat.source_id
from claim_pairs
join claim_concepts as first on first.claim_id = first_claim_id
join claim_concepts as second on second.claim_id = second_claim_id
join claims_flat on claims_flat.claim_id in (first_claim_id, second_claim_id)
where relation = 'agrees'
and topic = 'evidence'
and first.concept_id = 'long-term-use'
and first.role = 'setting'
and second.concept_id = first.concept_id
and second.role = first.role
