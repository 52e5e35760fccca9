-- Which issue number does reference 8 of the FPM guidance print that its own DOI contradicts?
select "references".issue
from "references"
join sources using (source_id)
join corrections using (reference_id)
where short_name = 'FPM guidance'
and listed_as = 'reference_list'
and ordinal = 8
and field = 'issue'
and basis = 'entry_itself'
