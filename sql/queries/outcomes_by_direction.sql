-- What gets better, worse, more or less?
-- Every outcome that a claim names and which way it goes, as worded: stated, doubted or aimed at.
-- outcome: The outcome as we name it.
-- direction: increases or decreases for a quantity, improves or worsens for a state, unchanged, or not_stated.
-- source: The document, by its short name.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- qualifier: The words that narrow.
-- statement: The claim in our own words.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  concepts.label as outcome,
  claim_concepts.direction,
  claims_flat.short_name as source,
  claims_flat.quote,
  claims_flat.hedge,
  claims_flat.qualifier,
  claims_flat.statement,
  claims_flat.claim_type,
  claims_flat.claim_id
from claim_concepts
join concepts using (concept_id)
join claims_flat using (claim_id)
join sources using (source_id)
where claim_concepts.role = 'outcome'
order by
  claim_concepts.direction,
  concepts.label,
  sources.position,
  claims_flat.claim_id
