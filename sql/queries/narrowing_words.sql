-- Which words limit a claim?
-- Every claim with words that limit when, how often, how much or for whom it holds, of one source or of all.
-- qualifier: The words that limit it.
-- source: The document, by its short name.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- stance: Judgement of using ketamine for pain; empty for claims of a type that does not judge.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  claims_flat.qualifier,
  claims_flat.short_name as source,
  claims_flat.quote,
  claims_flat.statement,
  claims_flat.stance,
  claims_flat.claim_type,
  claims_flat.claim_id
from claims_flat
join sources using (source_id)
where claims_flat.qualifier is not null
and (:source_id = '' or claims_flat.source_id = :source_id)
order by
  lower(claims_flat.qualifier),
  sources.position,
  claims_flat.claim_id
