-- Which sources give a mixed judgement (a limited role) of ketamine in refractory neuropathic pain?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where condition_id = 'neuropathic-pain'
and claim_conditions.qualifier = 'refractory'
and stance = 'mixed'
