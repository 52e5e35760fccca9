-- Who should not be given ketamine, according to which source?
-- Every reason not to treat, beside every source; a source that does not name it keeps its place.
-- contraindication: The reason not to treat as we name it.
-- source: The document, by its short name.
-- named: yes, or not_mentioned.
-- qualifier: The words that narrow the reason.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- statement: The claim in our own words.
-- claim_id: Identifier of the claim; empty where the source is silent.
with reasons as (
  select
    claim_conditions.condition_id,
    claim_conditions.qualifier,
    claims_flat.source_id,
    claims_flat.quote,
    claims_flat.hedge,
    claims_flat.statement,
    claims_flat.claim_id
  from claim_conditions
  join claims_flat using (claim_id)
  where claim_conditions.role = 'contraindication'
)
select
  conditions.label as contraindication,
  sources.short_name as source,
  iif(reasons.claim_id is null, 'not_mentioned', 'yes') as named,
  reasons.qualifier,
  reasons.quote,
  reasons.hedge,
  reasons.statement,
  reasons.claim_id
from conditions
cross join sources
left join reasons
  on reasons.condition_id = conditions.condition_id
  and reasons.source_id = sources.source_id
where conditions.condition_id in (select condition_id from reasons)
order by
  reasons.claim_id is null,
  conditions.label,
  sources.position,
  reasons.claim_id
