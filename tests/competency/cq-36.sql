-- What should more clinical trials determine, according to the Clinic page?
select distinct focus
from claims_flat
join claim_concepts using (claim_id)
where short_name = 'Clinic page'
and claim_type = 'research_need'
and concept_id = 'clinical-trial'
and role = 'subject'
