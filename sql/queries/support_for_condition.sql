-- Which sources support ketamine for a condition, in which words, resting on which references?
-- For one condition: every favourable or mixed judgement with its words that doubt or narrow and the references it cites. A source without such a claim keeps its place, and says whether it names the condition at all.
-- source: The document, by its short name.
-- finding: supports or mixed, names it without support, or does not name it.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- qualifier: The words that narrow.
-- statement: The claim in our own words.
-- role: What the condition is to the claim.
-- evidence_type: The kind of evidence that the words name.
-- cited_references: The references that the claim cites, by identifier.
-- claim_id: Identifier of the claim.
with asked as (
  select condition_id
  from conditions
  where condition_id = coalesce(nullif(:condition_id, ''), 'complex-regional-pain-syndrome')
),
linked as (
  select
    claims_flat.*,
    claim_conditions.role
  from claims_flat
  join claim_conditions using (claim_id)
  join asked using (condition_id)
),
favourable as (
  select *
  from linked
  where stance in ('supports', 'mixed')
)
select
  sources.short_name as source,
  case
    when favourable.claim_id is not null then favourable.stance
    when sources.source_id in (select source_id from linked) then 'names it without support'
    else 'does not name it'
  end as finding,
  favourable.quote,
  favourable.hedge,
  favourable.qualifier,
  favourable.statement,
  favourable.role,
  favourable.evidence_type,
  favourable.cited_references,
  favourable.claim_id
from sources
cross join asked
left join favourable using (source_id)
order by
  favourable.claim_id is null,
  sources.position,
  favourable.claim_id
