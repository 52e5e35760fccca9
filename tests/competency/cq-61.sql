-- To determine what are more clinical trials needed, according to the clinic page?
select claims_flat.focus
from claims_flat
join claim_concepts using (claim_id)
where short_name = 'Clinic page'
and claim_type = 'research_need'
and concept_id = 'clinical-trial'
