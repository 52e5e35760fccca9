-- Where should ketamine be initiated, according to the FPM guidance?
select distinct mention
from claims_flat
join claim_concepts using (claim_id)
where short_name = 'FPM guidance'
and claim_type = 'recommendation'
and about = 'ketamine'
and voice = 'own'
and role = 'setting'
and mention_type = 'named'
