-- Which sources report dissociative effects as an unwanted effect of ketamine treatment?
select distinct source_id
from claims_flat
join claim_adverse_effects using (claim_id)
where adverse_effect_id = 'dissociative-effects'
and role = 'reported'
