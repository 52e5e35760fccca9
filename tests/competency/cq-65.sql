-- A patient types 'nasal spray'. Which route is meant, and which source names it?
with asked as (
  select row_id as route_id
  from searchable_names
  where name = 'nasal spray'
  and table_name = 'routes'
)
select label
from routes
join asked using (route_id)
union
select source_id
from claims_flat
join claim_routes using (claim_id)
join asked using (route_id)
