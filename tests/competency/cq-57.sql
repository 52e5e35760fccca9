-- The health article offers oral formulations for maintenance doses. What does the FPM page say of the licence of the oral preparation in the UK, and of taking the intravenous preparation by mouth?
select distinct licence.focus
from claim_pairs
join claims_flat as licence on licence.claim_id in (first_claim_id, second_claim_id)
join claim_routes using (claim_id)
where relation = 'complements'
and topic = 'licensing'
and licence.claim_type = 'regulatory'
and licence.short_name = 'FPM guidance'
and route_id = 'oral'
