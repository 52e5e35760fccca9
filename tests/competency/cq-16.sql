-- How many distinct conditions are named as reasons not to give ketamine?
select count(distinct condition_id)
from claim_conditions
where role = 'contraindication'
