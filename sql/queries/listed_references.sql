-- Which references are listed, as printed or corrected, and by whom?
-- Every printed entry in one of two forms: as printed, or with "corrected" as the form, with its corrections applied. Source, list, journal, author, identifier (doi, pmid, pmcid or none) and year are optional, and compare that form; an author is written with initials, as in the column.
-- reference_id: Identifier of the printed entry.
-- source: The document that prints the entry.
-- listed_as: Where and in which direction the document lists the work.
-- ordinal: Number printed before the entry.
-- authors: Authors in printed order.
-- year: Year of publication.
-- title: Title of the work.
-- container_title: Journal or series that holds the work.
-- volume: Volume.
-- issue: Issue.
-- locator: Pages or article number.
-- edition: Edition.
-- publisher: Publisher.
-- number: Number of a guideline or report.
-- doi: DOI.
-- pmid: PubMed identifier.
-- pmcid: PubMed Central identifier.
-- url: Address.
-- corrected_fields: Fields that the corrected form mends or supplies, in either form.
-- claims: How many claims cite the entry.
-- source_id: Identifier of the document.
with
authors as (
  select
    printed.reference_id,
    printed.position,
    printed.family || coalesce(' ' || printed.initials, '') as printed,
    coalesce(family.corrected, printed.family)
      || coalesce(' ' || coalesce(initials.corrected, printed.initials), '') as corrected
  from reference_authors as printed
  left join corrections as family
    on family.reference_id = printed.reference_id
    and family.position = printed.position
    and family.field = 'family'
  left join corrections as initials
    on initials.reference_id = printed.reference_id
    and initials.position = printed.position
    and initials.field = 'initials'
),
names as (
  select
    reference_id,
    group_concat(iif(:form = 'corrected', corrected, printed), ', ') as authors
  from (select * from authors order by reference_id, position)
  group by reference_id
),
entries as (
  select
    bibliography.reference_id,
    bibliography.source,
    bibliography.listed_as,
    bibliography.ordinal,
    names.authors,
    iif(:form = 'corrected', bibliography.year, printed.year) as year,
    iif(:form = 'corrected', bibliography.title, printed.title) as title,
    iif(:form = 'corrected', bibliography.container_title, printed.container_title) as container_title,
    iif(:form = 'corrected', bibliography.volume, printed.volume) as volume,
    iif(:form = 'corrected', bibliography.issue, printed.issue) as issue,
    iif(:form = 'corrected', bibliography.locator, printed.locator) as locator,
    iif(:form = 'corrected', bibliography.edition, printed.edition) as edition,
    iif(:form = 'corrected', bibliography.publisher, printed.publisher) as publisher,
    bibliography.number,
    iif(:form = 'corrected', bibliography.doi, printed.doi) as doi,
    iif(:form = 'corrected', bibliography.pmid, printed.pmid) as pmid,
    iif(:form = 'corrected', bibliography.pmcid, printed.pmcid) as pmcid,
    iif(:form = 'corrected', bibliography.url, printed.url) as url,
    bibliography.corrected_fields,
    bibliography.claims,
    bibliography.source_id
  from bibliography
  join "references" as printed using (reference_id)
  left join names using (reference_id)
)
select
  reference_id,
  source,
  listed_as,
  ordinal,
  authors,
  year,
  title,
  container_title,
  volume,
  issue,
  locator,
  edition,
  publisher,
  number,
  doi,
  pmid,
  pmcid,
  url,
  corrected_fields,
  claims,
  source_id
from entries
where coalesce(:source, '') in ('', source)
and coalesce(:list, '') in ('', listed_as)
and coalesce(:journal, '') in ('', container_title)
and coalesce(:year, '') in ('', cast(year as text))
and (
  coalesce(:author, '') = ''
  or exists (
    select 1
    from authors
    where authors.reference_id = entries.reference_id
    and iif(:form = 'corrected', authors.corrected, authors.printed) = :author
  )
)
and case coalesce(:identifier, '')
  when '' then 1
  when 'doi' then doi is not null
  when 'pmid' then pmid is not null
  when 'pmcid' then pmcid is not null
  when 'none' then coalesce(doi, pmid, pmcid) is null
  else 0
end
order by
  source_id,
  listed_as,
  ordinal,
  reference_id
