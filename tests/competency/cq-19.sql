-- Which body systems are concerned by the side-effects that the FPM guidance names?
select distinct body_system
from claims_flat
join claim_adverse_effects using (claim_id)
join adverse_effects using (adverse_effect_id)
where short_name = 'FPM guidance'
and role = 'reported'
and body_system <> 'not_specified'
