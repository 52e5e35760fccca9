-- From which years are the references of each source?
-- Printed references counted by source, year and where they are listed, with corrections applied. A citing list points the other way: its works cite the source. A source that prints no reference keeps its place.
-- source: The document, by its short name.
-- year: Year of publication, corrected; empty where none is printed.
-- listed_as: Where and in which direction the document lists the works.
-- entries: How many printed references; 0 where the source prints none at all.
-- source_id: Identifier of the document.
select
  sources.short_name as source,
  bibliography.year,
  bibliography.listed_as,
  count(bibliography.reference_id) as entries,
  sources.source_id
from sources
left join bibliography using (source_id)
group by
  sources.source_id,
  bibliography.year,
  bibliography.listed_as
order by
  sources.position,
  bibliography.year,
  bibliography.listed_as
