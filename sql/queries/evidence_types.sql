-- Which kinds of evidence does each source name?
-- Every kind of evidence beside every source: how many claims name it in their words. What a cited paper is does not count here. Counts are claims, not votes: texts are not studies.
-- evidence_type: The kind of evidence that the words name.
-- source: The document, by its short name.
-- claims: How many claims name it; 0 where none does.
-- hedged: How many of these claims carry words that doubt.
-- first_claim_id: The first of these claims.
with counted as (
  select
    evidence_type,
    source_id,
    count(*) as claims,
    count(case when certainty = 'hedged' then 1 end) as hedged,
    min(claim_id) as first_claim_id
  from claims_flat
  group by
    evidence_type,
    source_id
)
select
  types.evidence_type,
  sources.short_name as source,
  coalesce(counted.claims, 0) as claims,
  coalesce(counted.hedged, 0) as hedged,
  counted.first_claim_id
from (
  select distinct evidence_type
  from counted
) as types
cross join sources
left join counted
  on counted.evidence_type = types.evidence_type
  and counted.source_id = sources.source_id
order by
  types.evidence_type,
  sources.position
