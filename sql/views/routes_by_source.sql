-- Routes by source
-- Every route beside every source: in which role and form of product it is named, in which words, and where a source does not name it.
-- route: The route as we name it.
-- source: The document, by its short name.
-- role: What the route is to the claim; not_mentioned where no claim of the source names it.
-- formulation: The form of the product, as printed.
-- stance: Judgement of using ketamine for pain in the words themselves; empty for claims of a type that does not judge.
-- certainty: Whether the words doubt the claim.
-- quote: The source's own words that make the claim.
-- statement: The claim in our own words.
-- claim_id: Identifier of the claim; empty where the source is silent.
-- route_id: Identifier of the route.
-- source_id: Identifier of the document.
create view routes_by_source as
select
  routes.label as route,
  sources.short_name as source,
  coalesce(linked.role, 'not_mentioned') as role,
  linked.formulation,
  linked.stance,
  linked.certainty,
  linked.quote,
  linked.statement,
  linked.claim_id,
  routes.route_id,
  sources.source_id
from routes
cross join sources
left join (
  select
    claim_routes.route_id,
    claim_routes.role,
    claim_routes.formulation,
    passages.source_id,
    claims.claim_id,
    claims.stance,
    claims.certainty,
    claims.quote,
    claims.statement
  from claim_routes
  join claims using (claim_id)
  join passages using (passage_id)
) as linked
  on linked.route_id = routes.route_id
  and linked.source_id = sources.source_id
order by
  routes.label,
  sources.position,
  linked.claim_id;
