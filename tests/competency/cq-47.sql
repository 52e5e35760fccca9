-- Which listed references of the FPM guidance (ordinals) print no DOI?
select ordinal
from "references"
join sources using (source_id)
where short_name = 'FPM guidance'
and listed_as = 'reference_list'
and doi is null
