-- A clinician types 'cystitis'. Which adverse effect is meant, and in which source does it stand?
with asked as (
  select row_id as adverse_effect_id
  from searchable_names
  where name = 'cystitis'
  and table_name = 'adverse_effects'
)
select label
from adverse_effects
join asked using (adverse_effect_id)
union
select source_id
from claims_flat
join claim_adverse_effects using (claim_id)
join asked using (adverse_effect_id)
