-- The FPM page lists cardiovascular changes among the side-effects. Which vital signs monitored according to the health article would show such changes?
select claims.focus
from claim_pairs
join claim_adverse_effects on claim_adverse_effects.claim_id = first_claim_id
join claims on claims.claim_id = second_claim_id
where relation = 'complements'
and first_source = 'FPM guidance'
and second_source = 'Health article'
and adverse_effect_id = 'cardiovascular-changes'
and claim_type = 'monitoring'
