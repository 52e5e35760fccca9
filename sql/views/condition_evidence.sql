-- Conditions by source
-- Every condition beside every source: how many claims name it, in which role and with which stance, and where a source does not name it. Counts are claims, not votes: texts are not studies.
-- condition: The condition as we name it.
-- source: The document, by its short name.
-- role: What the condition is to the claims; not_mentioned where no claim of the source names it.
-- stance: Judgement of using ketamine for pain in the words themselves; empty for claims of a type that does not judge.
-- claims: How many claims of the source name the condition in this role with this stance; a claim in two roles counts in both.
-- hedged: How many of these claims carry words that doubt.
-- kind: What kind of condition it is.
-- condition_id: Identifier of the condition.
-- source_id: Identifier of the document.
create view condition_evidence as
select
  conditions.label as condition,
  sources.short_name as source,
  coalesce(linked.role, 'not_mentioned') as role,
  linked.stance,
  count(linked.claim_id) as claims,
  count(case when linked.certainty = 'hedged' then 1 end) as hedged,
  conditions.kind,
  conditions.condition_id,
  sources.source_id
from conditions
cross join sources
left join (
  select
    claim_conditions.condition_id,
    claim_conditions.role,
    passages.source_id,
    claims.claim_id,
    claims.stance,
    claims.certainty
  from claim_conditions
  join claims using (claim_id)
  join passages using (passage_id)
) as linked
  on linked.condition_id = conditions.condition_id
  and linked.source_id = sources.source_id
group by
  conditions.condition_id,
  sources.source_id,
  linked.role,
  linked.stance
order by
  conditions.label,
  sources.position,
  linked.role,
  linked.stance;
