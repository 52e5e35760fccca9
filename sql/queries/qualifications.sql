-- Where does one claim limit what another says?
-- Pairs of claims that affirm the same, the first in a narrower scope than the second or with a hedge that the second lacks.
-- question: What both claims bear on.
-- limiting_source: The document whose claim limits the other.
-- limiting_quote: Its own words.
-- limiting_statement: Its claim in our own words.
-- limited_source: The document whose claim is limited.
-- limited_quote: Its own words.
-- limited_statement: Its claim in our own words.
-- reason: Why the relation is recorded.
-- classification: A classification from elsewhere that the comparison needs.
-- limiting_claim_id: Identifier of the limiting claim.
-- limited_claim_id: Identifier of the limited claim.
select
  question,
  first_source as limiting_source,
  first_quote as limiting_quote,
  first_statement as limiting_statement,
  second_source as limited_source,
  second_quote as limited_quote,
  second_statement as limited_statement,
  reason,
  classification,
  first_claim_id as limiting_claim_id,
  second_claim_id as limited_claim_id
from disagreements
where relation = 'qualifies'
