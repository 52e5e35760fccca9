-- Which sources name the oral route?
select distinct source_id
from claims_flat
join claim_routes using (claim_id)
where route_id = 'oral'
