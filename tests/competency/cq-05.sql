-- Which sources name phantom pain or phantom limb pain as a condition that ketamine is used for or studied in?
-- Phantom limb pain stands under phantom pain.
with recursive asked as (
  select condition_id
  from conditions
  where condition_id = 'phantom-pain'
  union
  select conditions.condition_id
  from conditions
  join asked on conditions.broader_id = asked.condition_id
)
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
join asked using (condition_id)
where role in ('treated', 'studied')
