-- Who most commonly prescribes ketamine, as a specialist 'red flag' product, according to the FPM page?
select distinct claim_concepts.mention
from claims_flat
join claim_concepts using (claim_id)
where role = 'actor'
and passage_id in (
  select passage_id
  from claims_flat
  join claim_concepts using (claim_id)
  where short_name = 'FPM guidance'
  and concept_id = 'red-flag-product'
  and role = 'class'
)
