-- Which two bodies, according to the FPM page, do not recommend it for chronic primary pain?
select claim_concepts.mention
from claims_flat
join claim_concepts using (claim_id)
join claim_conditions using (claim_id)
where short_name = 'FPM guidance'
and claim_concepts.role = 'issuer'
and condition_id = 'chronic-primary-pain'
and claim_conditions.role = 'not_recommended'
