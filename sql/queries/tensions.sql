-- Where do two claims pull apart?
-- Pairs of claims of opposite polarity or advice on scopes that overlap, which can both hold, mostly between sources and sometimes within one: both sides in their own words, why the pair is recorded, and any classification from elsewhere that the comparison needs.
-- question: What both claims bear on.
-- first_source: One document.
-- first_quote: Its own words.
-- first_statement: Its claim in our own words.
-- first_stance: Its judgement of using ketamine for pain; empty where the type of claim does not judge.
-- second_source: The other document.
-- second_quote: Its own words.
-- second_statement: Its claim in our own words.
-- second_stance: Its judgement of using ketamine for pain; empty where the type of claim does not judge.
-- reason: Why the relation is recorded.
-- classification: A classification from elsewhere that the comparison needs.
-- first_claim_id: Identifier of the first claim.
-- second_claim_id: Identifier of the second claim.
select
  question,
  first_source,
  first_quote,
  first_statement,
  first_stance,
  second_source,
  second_quote,
  second_statement,
  second_stance,
  reason,
  classification,
  first_claim_id,
  second_claim_id
from disagreements
where relation = 'in_tension'
