-- The clinic page says that a significant number of health issues with chronic pain can successfully be treated with ketamine. Advice of the FPM page is in tension with this: for which kind of pain is the drug not recommended there?
select distinct conditions.label
from claim_pairs
join claim_conditions as advised on advised.claim_id = first_claim_id
join conditions using (condition_id)
join claim_conditions as praised on praised.claim_id = second_claim_id
join claims on claims.claim_id = second_claim_id
where relation = 'in_tension'
and first_source = 'FPM guidance'
and second_source = 'Clinic page'
and advised.role = 'not_recommended'
and praised.role = 'treated'
and praised.condition_id = 'chronic-pain'
and claim_type = 'efficacy'
