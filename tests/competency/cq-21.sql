-- Which words say how dissociative effects run?
select distinct course
from claim_adverse_effects
where adverse_effect_id = 'dissociative-effects'
and course is not null
