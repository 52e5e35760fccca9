-- What does only one source name?
-- Conditions, routes, adverse effects and concepts that the claims of exactly one document name.
-- kind: What kind of thing is named.
-- label: The thing as we name it.
-- source: The only document that names it.
-- claims: How many of its claims name it.
-- first_claim_id: The first of these claims.
-- row_id: Identifier of the thing in its table.
with named as (
  select
    'condition' as kind,
    conditions.condition_id as row_id,
    conditions.label,
    claims_flat.source_id,
    claims_flat.claim_id
  from conditions
  join claim_conditions using (condition_id)
  join claims_flat using (claim_id)
  union all
  select
    'route' as kind,
    routes.route_id as row_id,
    routes.label,
    claims_flat.source_id,
    claims_flat.claim_id
  from routes
  join claim_routes using (route_id)
  join claims_flat using (claim_id)
  union all
  select
    'adverse effect' as kind,
    adverse_effects.adverse_effect_id as row_id,
    adverse_effects.label,
    claims_flat.source_id,
    claims_flat.claim_id
  from adverse_effects
  join claim_adverse_effects using (adverse_effect_id)
  join claims_flat using (claim_id)
  union all
  select
    'concept' as kind,
    concepts.concept_id as row_id,
    concepts.label,
    claims_flat.source_id,
    claims_flat.claim_id
  from concepts
  join claim_concepts using (concept_id)
  join claims_flat using (claim_id)
)
select
  named.kind,
  named.label,
  sources.short_name as source,
  count(distinct named.claim_id) as claims,
  min(named.claim_id) as first_claim_id,
  named.row_id
from named
join sources using (source_id)
group by
  named.kind,
  named.row_id
having count(distinct named.source_id) = 1
and (:source_id = '' or min(named.source_id) = :source_id)
order by
  named.kind,
  sources.position,
  named.label
