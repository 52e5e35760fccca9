-- Which references carry which claims?
-- Every reference that a claim cites, the most cited first, with each of its claims and the marker as printed.
-- reference_id: Identifier of the printed entry.
-- reference: Title of the work as printed, or the words that name it.
-- year: Year of publication as printed.
-- claims: How many claims cite it.
-- marker: The citation marker as printed.
-- statement: The claim in our own words.
-- quote: The source's own words.
-- stance: Judgement of using ketamine for pain; empty for claims of a type that does not judge.
-- claim_id: Identifier of the claim.
select
  reference_id,
  reference,
  year,
  count(*) over (partition by reference_id) as claims,
  marker,
  statement,
  quote,
  stance,
  claim_id
from claims_by_reference
where claim_id is not null
order by
  claims desc,
  reference_id,
  claim_id
