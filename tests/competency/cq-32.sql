-- Which sources name the NMDA receptor as what ketamine acts on?
select distinct source_id
from claims_flat
join claim_concepts using (claim_id)
where about = 'ketamine'
and claim_type = 'mechanism'
and concept_id = 'nmda-receptor'
and role = 'target'
