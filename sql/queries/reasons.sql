-- What does a sentence give as cause, purpose, concession or example?
-- Every claim that its sentence ties to another one, with the words that tie them.
-- source: The document, by its short name.
-- kind: cause: it is so because of that; purpose: it is done for that; concession: it is so although that is; example: that is an instance.
-- connective: The words that tie the two.
-- quote: The source's own words for the claim.
-- statement: The claim in our own words.
-- reason_quote: The source's own words for what is tied to it.
-- reason_statement: What is tied to it, in our own words.
-- claim_id: Identifier of the claim.
-- reason_claim_id: Identifier of the claim that is tied to it.
select
  claims_flat.short_name as source,
  claim_reasons.kind,
  claim_reasons.connective,
  claims_flat.quote,
  claims_flat.statement,
  reasons.quote as reason_quote,
  reasons.statement as reason_statement,
  claim_reasons.claim_id,
  claim_reasons.reason_claim_id
from claim_reasons
join claims_flat using (claim_id)
join claims_flat as reasons on reasons.claim_id = claim_reasons.reason_claim_id
join sources on sources.source_id = claims_flat.source_id
order by
  claim_reasons.kind,
  sources.position,
  claim_reasons.claim_id,
  claim_reasons.reason_claim_id
