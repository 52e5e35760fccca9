-- Which condition is found by 'CRPS', and which sources name that condition in what they say of ketamine?
with asked as (
  select row_id as condition_id
  from searchable_names
  where name = 'CRPS'
  and table_name = 'conditions'
)
select label
from conditions
join asked using (condition_id)
union
select source_id
from claims_flat
join claim_conditions using (claim_id)
join asked using (condition_id)
where role in ('treated', 'studied')
