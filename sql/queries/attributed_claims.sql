-- Which claims are made in the name of somebody else?
-- Every claim whose grammatical source is a named body, even the publisher itself.
-- attributed_to: The body, as printed.
-- source: The document, by its short name.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- stance: Judgement of using ketamine for pain; empty for claims of a type that does not judge.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  claims_flat.attributed_to,
  claims_flat.short_name as source,
  claims_flat.quote,
  claims_flat.statement,
  claims_flat.stance,
  claims_flat.claim_type,
  claims_flat.claim_id
from claims_flat
join sources using (source_id)
where claims_flat.voice = 'attributed'
order by
  claims_flat.attributed_to,
  sources.position,
  claims_flat.claim_id
