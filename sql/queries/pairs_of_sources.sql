-- Which claims of two sources stand beside each other, and how?
-- Pairs of claims on one question, by relation, topic, source, other source and condition, each by its name and each optional. Without a relation: those that contradict each other, are in tension, or limit one another. One source named twice: pairs within it.
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
  question_id
from claim_pairs
where (
  relation = :relation
  or coalesce(:relation, '') = '' and relation in ('contradicts', 'in_tension', 'qualifies')
)
and coalesce(:topic, '') in ('', topic)
and coalesce(:source, '') in ('', first_source, second_source)
and coalesce(:other, '') in ('', first_source, second_source)
and (coalesce(:source, '') = '' or :source <> coalesce(:other, '') or first_source = second_source)
and (
  coalesce(:condition, '') = ''
  or exists (
    select 1
    from claim_conditions
    join conditions using (condition_id)
    where claim_conditions.claim_id in (first_claim_id, second_claim_id)
    and conditions.label = :condition
  )
)
order by
  question,
  first_claim_id,
  second_claim_id
