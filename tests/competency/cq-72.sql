-- Which sources say that ketamine used around surgery decreases the need for opioids or the consumption of postoperative analgesics?
select distinct source_id
from claims_flat
join claim_concepts using (claim_id)
where about = 'ketamine'
and concept_id in ('opioid-use', 'analgesic-consumption')
and role = 'outcome'
and direction = 'decreases'
