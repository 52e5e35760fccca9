-- Of the side-effects listed on the FPM page (nervous, cardiovascular, bladder, liver), which has no caution about a disease of the same organ or system, and no vital sign to watch for it, in any of the five sources?
with met as (
  select body_system
  from claim_pairs
  join claim_adverse_effects on claim_adverse_effects.claim_id in (first_claim_id, second_claim_id)
  join adverse_effects using (adverse_effect_id)
  join claims on claims.claim_id in (first_claim_id, second_claim_id)
  where relation = 'complements'
  and claim_type in ('contraindication', 'monitoring')
)
select distinct label
from adverse_effects
join claim_adverse_effects using (adverse_effect_id)
join claims_flat using (claim_id)
where short_name = 'FPM guidance'
and role = 'reported'
and body_system <> 'not_specified'
and body_system not in (select body_system from met)
