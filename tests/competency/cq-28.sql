-- Which bodies does the FPM guidance name as not recommending ketamine for chronic primary pain?
select distinct claim_concepts.mention
from claims_flat
join claim_conditions using (claim_id)
join claim_concepts using (claim_id)
where short_name = 'FPM guidance'
and condition_id = 'chronic-primary-pain'
and claim_conditions.role = 'not_recommended'
and claim_concepts.role = 'issuer'
and claim_concepts.mention_type = 'named'
