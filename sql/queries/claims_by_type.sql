-- How many claims of which type does each source make, and with which stance?
-- Every type of claim beside every source and stance. Types that do not judge have no stance. Counts are claims, not votes: texts are not studies.
-- claim_type: What kind of claim it is.
-- source: The document, by its short name.
-- stance: Judgement of using ketamine for pain in the words themselves; empty for claims of a type that does not judge, and where there is no claim.
-- claims: How many claims of the source are of this type and take this stance; 0 where it makes none of the type.
-- hedged: How many of these claims carry words that doubt.
-- carries_stance: Whether claims of this type judge.
-- source_id: Identifier of the document.
with counted as (
  select
    claim_type,
    source_id,
    stance,
    count(*) as claims,
    count(case when certainty = 'hedged' then 1 end) as hedged
  from claims_flat
  group by
    claim_type,
    source_id,
    stance
)
select
  claim_types.claim_type,
  sources.short_name as source,
  counted.stance,
  coalesce(counted.claims, 0) as claims,
  coalesce(counted.hedged, 0) as hedged,
  claim_types.carries_stance,
  sources.source_id
from claim_types
cross join sources
left join counted
  on counted.claim_type = claim_types.claim_type
  and counted.source_id = sources.source_id
order by
  claim_types.carries_stance desc,
  claim_types.claim_type,
  sources.position,
  counted.stance
