-- Adverse effects by source
-- Every adverse effect beside every source: in which words it is named, how often it is said to occur and how it is said to run, and where a source does not name it.
-- adverse_effect: The adverse effect as we name it.
-- source: The document, by its short name.
-- role: What the effect is to the claim; not_mentioned where no claim of the source names it.
-- frequency: How often it occurs, as printed.
-- course: How it runs, as printed.
-- certainty: Whether the words doubt the claim.
-- hedge: The words that doubt.
-- quote: The source's own words that make the claim.
-- statement: The claim in our own words.
-- claim_id: Identifier of the claim; empty where the source is silent.
-- body_system: The body system that the effect concerns.
-- adverse_effect_id: Identifier of the adverse effect.
-- source_id: Identifier of the document.
create view adverse_effects_by_source as
select
  adverse_effects.label as adverse_effect,
  sources.short_name as source,
  coalesce(linked.role, 'not_mentioned') as role,
  linked.frequency,
  linked.course,
  linked.certainty,
  linked.hedge,
  linked.quote,
  linked.statement,
  linked.claim_id,
  adverse_effects.body_system,
  adverse_effects.adverse_effect_id,
  sources.source_id
from adverse_effects
cross join sources
left join (
  select
    claim_adverse_effects.adverse_effect_id,
    claim_adverse_effects.role,
    claim_adverse_effects.frequency,
    claim_adverse_effects.course,
    passages.source_id,
    claims.claim_id,
    claims.certainty,
    claims.hedge,
    claims.quote,
    claims.statement
  from claim_adverse_effects
  join claims using (claim_id)
  join passages using (passage_id)
) as linked
  on linked.adverse_effect_id = adverse_effects.adverse_effect_id
  and linked.source_id = sources.source_id
order by
  adverse_effects.label,
  sources.position,
  linked.claim_id;
