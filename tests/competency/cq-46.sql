-- Which listed references of the FPM guidance (ordinals) are cited under two different markers?
select ordinal
from "references"
join sources using (source_id)
join claim_references using (reference_id)
where short_name = 'FPM guidance'
and listed_as = 'reference_list'
group by reference_id
having count(distinct marker) > 1
