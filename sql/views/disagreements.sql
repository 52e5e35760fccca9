-- Disagreements
-- Pairs of claims on one question that contradict each other, pull apart, or limit one another. A claim that qualifies stands first and limits the second; the others stand in the order of the sources.
-- question: What both claims bear on.
-- topic: What the question is about.
-- relation: contradicts: one denies the other; in_tension: they pull apart, and both can hold; qualifies: the first limits the second.
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
create view disagreements as
select
  question,
  topic,
  relation,
  first_source,
  first_quote,
  first_statement,
  first_stance,
  first_hedge,
  second_source,
  second_quote,
  second_statement,
  second_stance,
  second_hedge,
  reason,
  classification,
  first_claim_id,
  second_claim_id,
  question_id,
  mapping_id
from claim_pairs
where relation in ('contradicts', 'in_tension', 'qualifies')
order by
  case relation when 'contradicts' then 1 when 'in_tension' then 2 else 3 end,
  question,
  first_claim_id,
  second_claim_id;
