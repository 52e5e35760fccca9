-- Claims side by side
-- Every pair of claims that bear on one question, and their relation. A claim that qualifies stands first and limits the second; the others stand in the order of the sources.
-- question: What both claims bear on.
-- topic: What the question is about.
-- relation: contradicts: one denies the other; in_tension: they pull apart, and both can hold; qualifies: the first limits the second; agrees: both say the same, perhaps of different cases; complements: they complete each other, as a harm and its monitoring do.
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
-- classification: A classification from elsewhere that the comparison needs.
-- first_claim_id: Identifier of the first claim.
-- second_claim_id: Identifier of the second claim.
-- question_id: Identifier of the question.
-- mapping_id: Identifier of the classification, in mappings.
create view claim_pairs as
with pairs as (
  -- A symmetric relation has no direction, so the order of the sources decides; a limit keeps its direction.
  select
    claim_relations.*,
    claim_relations.relation <> 'qualifies' and one_source.position > other_source.position as is_turned
  from claim_relations
  -- `cross join` keeps the order: from the few relations to the claims, never the other way.
  cross join claims_flat as one on one.claim_id = claim_relations.claim_id
  cross join claims_flat as other on other.claim_id = claim_relations.related_claim_id
  cross join sources as one_source on one_source.source_id = one.source_id
  cross join sources as other_source on other_source.source_id = other.source_id
)
select
  questions.question,
  questions.topic,
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
  classifications.classification,
  first.claim_id as first_claim_id,
  second.claim_id as second_claim_id,
  pairs.question_id,
  pairs.mapping_id
from pairs
cross join questions on questions.question_id = pairs.question_id
cross join claims_flat as first on first.claim_id = iif(pairs.is_turned, pairs.related_claim_id, pairs.claim_id)
cross join claims_flat as second on second.claim_id = iif(pairs.is_turned, pairs.claim_id, pairs.related_claim_id)
cross join sources as first_source on first_source.source_id = first.source_id
cross join sources as second_source on second_source.source_id = second.source_id
left join classifications on classifications.mapping_id = pairs.mapping_id
order by
  questions.question,
  first_source.position,
  second_source.position,
  first.claim_id,
  second.claim_id;
