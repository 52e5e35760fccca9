-- How many entries do the lists of references of all sources print together?
select count(*)
from "references"
where listed_as = 'reference_list'
