-- The FPM page reports concern about dependence and misuse. Which of the clinic page's reasons why a patient may not be a candidate for ketamine meets that concern?
select distinct claims.focus
from claim_pairs
join claim_adverse_effects on claim_adverse_effects.claim_id = first_claim_id
join claims on claims.claim_id = second_claim_id
where relation = 'complements'
and first_source = 'FPM guidance'
and second_source = 'Clinic page'
and adverse_effect_id in ('dependence', 'misuse')
and role = 'concern'
and claim_type = 'contraindication'
