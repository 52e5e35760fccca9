-- Which word doubts the statement of Review 2023 that the analgesic effect is mediated by blockade of NMDA receptors?
select distinct hedge
from claims_flat
join claim_concepts as targets using (claim_id)
join claim_concepts as outcomes using (claim_id)
where short_name = 'Review 2023'
and claim_type = 'mechanism'
and certainty = 'hedged'
and targets.concept_id = 'nmda-receptor'
and targets.role = 'target'
and outcomes.concept_id = 'analgesia'
and outcomes.role = 'outcome'
