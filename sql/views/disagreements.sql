-- Disagreements
-- Pairs of claims that bear on the same question where one limits the other or both cannot hold as worded. A claim that qualifies stands first and limits the second; claims that contradict stand in the order of the sources.
-- question: What both claims bear on.
-- relation: qualifies: both can hold, the first limits the second; contradicts: both cannot hold as worded.
-- first_source: The document that makes the first claim.
-- first_quote: Its own words.
-- first_statement: Its claim in our own words.
-- first_stance: Its judgement of using ketamine for pain; empty where the type of claim does not judge.
-- first_hedge: Its words that doubt.
-- second_source: The document that makes the second claim.
-- second_quote: Its own words.
-- second_statement: Its claim in our own words.
-- second_stance: Its judgement of using ketamine for pain; empty where the type of claim does not judge.
-- second_hedge: Its words that doubt.
-- reason: Why the relation is recorded.
-- depends_on: A classification from elsewhere that the comparison needs.
-- first_claim_id: Identifier of the first claim.
-- second_claim_id: Identifier of the second claim.
create view disagreements as
with pairs as (
  -- Contradiction has no direction, so the order of the sources decides; a limit keeps its direction.
  select
    claim_relations.*,
    claim_relations.relation = 'contradicts' and one_source.position > other_source.position as is_turned
  from claim_relations
  -- `cross join` keeps the order: from the few relations to the claims, never the other way.
  cross join claims_flat as one on one.claim_id = claim_relations.claim_id
  cross join claims_flat as other on other.claim_id = claim_relations.related_claim_id
  cross join sources as one_source on one_source.source_id = one.source_id
  cross join sources as other_source on other_source.source_id = other.source_id
  where claim_relations.relation in ('qualifies', 'contradicts')
)
select
  pairs.question,
  pairs.relation,
  first.short_name as first_source,
  first.quote as first_quote,
  first.statement as first_statement,
  first.stance as first_stance,
  first.hedge as first_hedge,
  second.short_name as second_source,
  second.quote as second_quote,
  second.statement as second_statement,
  second.stance as second_stance,
  second.hedge as second_hedge,
  pairs.reason,
  pairs.depends_on,
  first.claim_id as first_claim_id,
  second.claim_id as second_claim_id
from pairs
cross join claims_flat as first on first.claim_id = iif(pairs.is_turned, pairs.related_claim_id, pairs.claim_id)
cross join claims_flat as second on second.claim_id = iif(pairs.is_turned, pairs.claim_id, pairs.related_claim_id)
cross join sources as first_source on first_source.source_id = first.source_id
cross join sources as second_source on second_source.source_id = second.source_id
order by
  pairs.relation,
  pairs.question,
  first_source.position,
  second_source.position,
  first.claim_id,
  second.claim_id;
