-- Which sources connect ketamine's pain relief with opioid receptors or the opioid system?
select distinct source_id
from claims_flat
join claim_concepts as opioid using (claim_id)
join claim_concepts as relief using (claim_id)
where about = 'ketamine'
and claim_type = 'mechanism'
and opioid.concept_id in ('opioid-receptor', 'opioid-system')
and opioid.role in ('subject', 'target', 'method')
and relief.concept_id in ('analgesia', 'pain-transmission')
