-- Which words narrow the conditions that are named as reasons not to give ketamine?
select distinct qualifier
from claim_conditions
where role = 'contraindication'
and qualifier is not null
