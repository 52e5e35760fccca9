-- What is cited, by year?
-- The bibliography with corrections applied, the newest first, of one source or of all.
-- year: Year of publication, corrected.
-- authors: Authors in printed order, corrected.
-- title: Title of the work, corrected.
-- container_title: Journal or series, corrected.
-- study_design: Design of the study, as the title says.
-- subjects: Who was studied, as the title says.
-- listed_as: Where and in which direction the document lists the work.
-- source: The document that prints the entry.
-- claims: How many claims cite it.
-- doi: DOI, corrected.
-- pmid: PubMed identifier, corrected.
-- reference_id: Identifier of the printed entry.
select
  year,
  authors,
  title,
  container_title,
  study_design,
  subjects,
  listed_as,
  source,
  claims,
  doi,
  pmid,
  reference_id
from bibliography
where :source_id = ''
or source_id = :source_id
order by
  year desc,
  title,
  reference_id
