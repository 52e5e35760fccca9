-- Coverage of the documents
-- What became of every passage of every document: how many hold claims, how many hold none and why, and how many characters are quoted; characters under several quotes count once.
-- source: The document, by its short name.
-- kind: What the passages are on the page.
-- passages: How many passages of the kind the document has.
-- with_claims: How many of them hold at least one claim.
-- without_claims: How many of them hold none.
-- why_without: The reasons given for sentences and list items without a claim; other kinds make no claims.
-- claims: How many claims they hold.
-- characters: Characters of these passages.
-- characters_quoted: Characters of these passages that at least one claim quotes.
-- source_id: Identifier of the document.
create view coverage as
with quoted as (
  select
    claims.passage_id,
    anchors.end_offset,
    max(
      anchors.start_offset,
      coalesce(
        max(anchors.end_offset) over (
          partition by claims.passage_id
          order by anchors.start_offset, anchors.end_offset, claims.claim_id
          rows between unbounded preceding and 1 preceding
        ),
        0
      )
    ) as start_offset
  from claims
  join anchors
    on anchors.table_name = 'claims'
    and anchors.row_id = claims.claim_id
    and anchors.field_name = 'quote'
),
ledger as (
  select
    passages.*,
    count(quoted.passage_id) as claims,
    coalesce(sum(max(0, quoted.end_offset - quoted.start_offset)), 0) as characters_quoted
  from passages
  left join quoted using (passage_id)
  group by passages.passage_id
)
select
  sources.short_name as source,
  ledger.kind,
  count(*) as passages,
  count(case when ledger.claims > 0 then 1 end) as with_claims,
  count(case when ledger.claims = 0 then 1 end) as without_claims,
  (
    select group_concat(reason, '; ')
    from (
      select distinct passages.reason
      from passages
      where passages.source_id = ledger.source_id
      and passages.kind = ledger.kind
      and passages.reason is not null
      order by passages.reason
    )
  ) as why_without,
  sum(ledger.claims) as claims,
  sum(ledger.end_offset - ledger.start_offset) as characters,
  sum(ledger.characters_quoted) as characters_quoted,
  sources.source_id
from ledger
join sources using (source_id)
group by
  sources.source_id,
  ledger.kind
order by
  sources.position,
  ledger.kind;
