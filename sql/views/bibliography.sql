-- Bibliography
-- Every printed reference with its corrections applied; corrected_fields names what differs from the printed form, which stays in references.
-- reference_id: Stable identifier of the printed entry.
-- source: The document that prints the entry.
-- listed_as: Where and in which direction the document lists the work.
-- ordinal: Number printed before the entry.
-- authors: Authors in printed order, corrected.
-- year: Year of publication, corrected.
-- title: Title of the work, corrected.
-- container_title: Journal or series that holds the work, corrected.
-- volume: Volume, corrected.
-- issue: Issue, corrected.
-- locator: Pages or article number, corrected.
-- edition: Edition, corrected.
-- publisher: Publisher, corrected.
-- number: Number of a guideline or report as printed.
-- doi: DOI, corrected.
-- pmid: PubMed identifier, corrected.
-- pmcid: PubMed Central identifier, corrected.
-- url: Address, corrected.
-- reference_type: The form in which the work was published.
-- subjects: Who was studied, as the title says.
-- study_design: Design of the study, as the title says.
-- corrected_fields: Fields that are mended or supplied here; empty where everything is as printed.
-- claims: How many claims cite the entry.
-- source_id: Identifier of the document.
create view bibliography as
with corrected as (
  select
    reference_id,
    max(case when field = 'title' then corrected end) as title,
    max(case when field = 'year' then cast(corrected as integer) end) as year,
    max(case when field = 'container_title' then corrected end) as container_title,
    max(case when field = 'volume' then corrected end) as volume,
    max(case when field = 'issue' then corrected end) as issue,
    max(case when field = 'locator' then corrected end) as locator,
    max(case when field = 'edition' then corrected end) as edition,
    max(case when field = 'publisher' then corrected end) as publisher,
    max(case when field = 'doi' then corrected end) as doi,
    max(case when field = 'pmid' then corrected end) as pmid,
    max(case when field = 'pmcid' then corrected end) as pmcid,
    max(case when field = 'url' then corrected end) as url
  from corrections
  group by reference_id
)
select
  printed.reference_id,
  sources.short_name as source,
  printed.listed_as,
  printed.ordinal,
  (
    select group_concat(name, ', ')
    from (
      select
        coalesce(family.corrected, reference_authors.family)
        || coalesce(' ' || coalesce(initials.corrected, reference_authors.initials), '') as name
      from reference_authors
      left join corrections as family
        on family.reference_id = reference_authors.reference_id
        and family.position = reference_authors.position
        and family.field = 'family'
      left join corrections as initials
        on initials.reference_id = reference_authors.reference_id
        and initials.position = reference_authors.position
        and initials.field = 'initials'
      where reference_authors.reference_id = printed.reference_id
      order by reference_authors.position
    )
  ) as authors,
  -- Cast, so that a year in an address, which is text, equals it.
  cast(coalesce(corrected.year, printed.year) as integer) as year,
  coalesce(corrected.title, printed.title) as title,
  coalesce(corrected.container_title, printed.container_title) as container_title,
  coalesce(corrected.volume, printed.volume) as volume,
  coalesce(corrected.issue, printed.issue) as issue,
  coalesce(corrected.locator, printed.locator) as locator,
  coalesce(corrected.edition, printed.edition) as edition,
  coalesce(corrected.publisher, printed.publisher) as publisher,
  printed.number,
  coalesce(corrected.doi, printed.doi) as doi,
  coalesce(corrected.pmid, printed.pmid) as pmid,
  coalesce(corrected.pmcid, printed.pmcid) as pmcid,
  coalesce(corrected.url, printed.url) as url,
  printed.reference_type,
  printed.subjects,
  printed.study_design,
  (
    select group_concat(field, '; ')
    from (
      select distinct field
      from corrections
      where corrections.reference_id = printed.reference_id
      order by field
    )
  ) as corrected_fields,
  (
    select count(*)
    from claim_references
    where claim_references.reference_id = printed.reference_id
  ) as claims,
  printed.source_id
from "references" as printed
join sources using (source_id)
left join corrected using (reference_id)
order by
  sources.position,
  printed.listed_as,
  printed.ordinal,
  printed.reference_id;
