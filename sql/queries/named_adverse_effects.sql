-- Which adverse effects are named, how often and how do they run?
-- Every adverse effect that a source names, with frequency and course as printed; the view adverse_effects_by_source also shows who is silent.
-- adverse_effect: The adverse effect as we name it.
-- source: The document, by its short name.
-- role: Whether it is reported, feared, managed or left without a name.
-- frequency: How often it occurs, as printed.
-- course: How it runs, as printed.
-- hedge: The words that doubt.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- claim_id: Identifier of the claim.
select
  adverse_effect,
  source,
  role,
  frequency,
  course,
  hedge,
  quote,
  statement,
  claim_id
from adverse_effects_by_source
where role <> 'not_mentioned'
