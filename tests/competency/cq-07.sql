-- Which sources name acute pain as a condition that ketamine is used for or studied in?
with recursive asked as (
  select condition_id
  from conditions
  where condition_id = 'acute-pain'
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
