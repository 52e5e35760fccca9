-- Which claims are hedged, and by which words?
-- Every claim with words that doubt it, of one source or of all.
-- hedge: The words that doubt.
-- source: The document, by its short name.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- stance: Judgement of using ketamine for pain; empty for claims of a type that does not judge.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  claims_flat.hedge,
  claims_flat.short_name as source,
  claims_flat.quote,
  claims_flat.statement,
  claims_flat.stance,
  claims_flat.claim_type,
  claims_flat.claim_id
from claims_flat
join sources using (source_id)
where claims_flat.certainty = 'hedged'
and (:source_id = '' or claims_flat.source_id = :source_id)
order by
  lower(claims_flat.hedge),
  sources.position,
  claims_flat.claim_id
