-- By which routes does the Health article say ketamine can be given for pain?
select distinct route_id
from claims_flat
join claim_routes using (claim_id)
where short_name = 'Health article'
and role = 'for_pain'
