-- Which word doubts the statement of Review 2023 that the GABA system takes part in pain transmission?
select distinct hedge
from claims_flat
join claim_concepts as systems using (claim_id)
join claim_concepts as processes using (claim_id)
where short_name = 'Review 2023'
and claim_type = 'mechanism'
and certainty = 'hedged'
and systems.concept_id = 'gaba'
and systems.role = 'subject'
and processes.concept_id = 'pain-transmission'
