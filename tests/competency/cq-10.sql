-- Which sources say that ketamine lessens the need for, or the consumption of, other analgesics around surgery?
-- Need and consumption are two concepts, and no table puts one over both.
select distinct source_id
from claims_flat
join claim_concepts using (claim_id)
where about = 'ketamine'
and concept_id in ('opioid-use', 'analgesic-consumption')
and role = 'outcome'
and exists (
  select 1
  from claim_conditions
  join conditions using (condition_id)
  where claim_conditions.claim_id = claims_flat.claim_id
  and (kind = 'procedure' or condition_id in ('perioperative-pain', 'postoperative-pain'))
)
