-- Which harms are met by caution or monitoring, and which uses by a licence?
-- Pairs of claims with different predicates about one thing that complete each other: harm and caution, harm and monitoring, caution and monitoring, use and licensing, dose and route.
-- question: What both claims bear on.
-- topic: What the question is about.
-- first_source: One document.
-- first_quote: Its own words.
-- first_statement: Its claim in our own words.
-- second_source: The other document.
-- second_quote: Its own words.
-- second_statement: Its claim in our own words.
-- reason: Why the relation is recorded.
-- first_claim_id: Identifier of the first claim.
-- second_claim_id: Identifier of the second claim.
select
  question,
  topic,
  first_source,
  first_quote,
  first_statement,
  second_source,
  second_quote,
  second_statement,
  reason,
  first_claim_id,
  second_claim_id
from claim_pairs
where relation = 'complements'
order by
  topic,
  question,
  first_claim_id,
  second_claim_id
