-- Which listed reference of the FPM guidance (ordinal) stands behind its statement on shared-care arrangements?
select distinct ordinal
from claims_flat
join claim_concepts using (claim_id)
join claim_references using (claim_id)
join "references" using (reference_id)
where short_name = 'FPM guidance'
and claim_type = 'governance'
and concept_id = 'shared-care'
and role = 'subject'
and listed_as = 'reference_list'
