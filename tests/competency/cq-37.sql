-- How long can pain relief last, in the words of the only statement of a duration?
select distinct duration_of_effect
from claims_flat
where duration_of_effect is not null
