-- Which listed references (ordinals) carry the FPM guidance's statement of a limited clinical role?
select distinct ordinal
from claims_flat
join claim_references using (claim_id)
join "references" using (reference_id)
where short_name = 'FPM guidance'
and claim_type = 'use'
and stance = 'mixed'
and listed_as = 'reference_list'
