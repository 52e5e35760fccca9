-- Which pain conditions does Review 2021 highlight as those it deals with (chronic pain in general left out)?
select distinct condition_id
from claims_flat
join claim_conditions using (claim_id)
join conditions using (condition_id)
where short_name = 'Review 2021'
and claim_type = 'review_scope'
and role = 'studied'
and kind = 'pain_condition'
and condition_id <> 'chronic-pain'
