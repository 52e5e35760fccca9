-- Who manages the temporary dissociative effects and monitors the patient's comfort and safety, according to the health article?
select distinct claim_concepts.mention
from claims_flat
join claim_concepts using (claim_id)
join claim_adverse_effects using (claim_id)
where short_name = 'Health article'
and claim_concepts.role = 'actor'
and claim_adverse_effects.role = 'managed'
and adverse_effect_id = 'dissociative-effects'
