-- Which entries in lists of references (source and ordinal) call themselves a systematic review in their title?
select
  source_id,
  ordinal
from "references"
where listed_as = 'reference_list'
and study_design = 'systematic_review'
