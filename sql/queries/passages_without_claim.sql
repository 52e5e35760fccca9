-- Which passages hold no claim, and why?
-- Sentences and list items without a claim, each with its reason; titles, headings, page furniture and bibliographies make no claims and are left out here.
-- source: The document, by its short name.
-- passage_id: Identifier of the passage.
-- section: Heading under which the passage stands, as printed.
-- text: The passage as printed.
-- reason: Why it holds no claim.
select
  sources.short_name as source,
  passages.passage_id,
  passages.section,
  passages.text,
  passages.reason
from passages
join sources using (source_id)
where passages.kind in ('sentence', 'list_item')
and not exists (
  select 1
  from claims
  where claims.passage_id = passages.passage_id
)
and (:source_id = '' or passages.source_id = :source_id)
order by
  sources.position,
  passages.position
