-- Which kinds of evidence does each source name?
-- Every kind of evidence beside every source: how many claims name it in their words. What a cited paper is does not count here. Counts are claims, not votes: five texts are not five studies.
-- evidence_type: The kind of evidence that the words name.
-- source: The document, by its short name.
-- claims: How many claims name it; 0 where none does.
-- hedged: How many of these claims carry words that doubt.
-- first_claim_id: The first of these claims.
select
  types.evidence_type,
  sources.short_name as source,
  count(claims_flat.claim_id) as claims,
  count(case when claims_flat.certainty = 'hedged' then 1 end) as hedged,
  min(claims_flat.claim_id) as first_claim_id
from (
  select distinct evidence_type
  from claims_flat
) as types
cross join sources
left join claims_flat
  on claims_flat.evidence_type = types.evidence_type
  and claims_flat.source_id = sources.source_id
group by
  types.evidence_type,
  sources.source_id
order by
  types.evidence_type,
  sources.position
