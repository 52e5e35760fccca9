-- Which claims rest on no reference?
-- Every claim without a citation marker, of one source or of all. prints_markers tells a silent claim in a document that cites elsewhere from one in a document that prints no markers at all.
-- source: The document, by its short name.
-- prints_markers: yes where the document cites a reference for any claim, otherwise no.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- evidence_type: The kind of evidence that the words name.
-- evidence_basis: The words that name what the claim rests on.
-- stance: Judgement of using ketamine for pain; empty for claims of a type that does not judge.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  source,
  prints_markers,
  quote,
  statement,
  evidence_type,
  evidence_basis,
  stance,
  claim_type,
  claim_id
from uncited_claims
where :source_id = ''
or source_id = :source_id
