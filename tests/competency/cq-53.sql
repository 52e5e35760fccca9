-- The FPM page says flatly that ketamine's analgesic properties are due to NMDA antagonism. Which source says the same of NMDA receptor blockade only in hedged words, and so qualifies it?
select distinct qualifying.source_id
from claim_pairs
join claims_flat as qualifying on qualifying.claim_id = first_claim_id
join claim_concepts on claim_concepts.claim_id = second_claim_id
where relation = 'qualifies'
and second_source = 'FPM guidance'
and concept_id = 'nmda-receptor-antagonism'
and qualifying.certainty = 'hedged'
