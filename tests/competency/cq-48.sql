-- Which citing articles (PubMed identifiers) are studies of animals, as titled?
select pmid
from "references"
where listed_as = 'citing_list'
and subjects in ('animal', 'human_and_animal')
