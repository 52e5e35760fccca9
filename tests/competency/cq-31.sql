-- Which guideline number is cited in running text but missing from the list of references?
select number
from "references"
where listed_as = 'in_text'
and reference_type = 'guideline'
