-- Which outcomes does Review 2021 say ketamine has been demonstrated to improve?
select distinct mention
from claims_flat
join claim_concepts using (claim_id)
where short_name = 'Review 2021'
and about = 'ketamine'
and claim_type = 'efficacy'
and stance = 'supports'
and certainty = 'asserted'
and role = 'outcome'
and mention_type = 'named'
