-- Claims that cite no reference
-- Claims without a citation marker in the text. prints_markers tells a silent claim in a document that cites elsewhere from one in a document that prints no markers at all.
-- claim_id: Identifier of the claim.
-- statement: The claim in our own words.
-- quote: The source's own words that make the claim.
-- stance: Judgement of using ketamine for pain in the words themselves; empty for claims of a type that does not judge.
-- certainty: Whether the words doubt the claim.
-- claim_type: What kind of claim it is.
-- evidence_type: The kind of evidence that the words name.
-- evidence_basis: The words that name what the claim rests on.
-- source: The document, by its short name.
-- prints_markers: yes where the document cites a reference for any claim, otherwise no.
-- source_id: Identifier of the document.
create view uncited_claims as
with citing as (
  select distinct source_id
  from claims_flat
  where cited_references is not null
)
select
  claims_flat.claim_id,
  claims_flat.statement,
  claims_flat.quote,
  claims_flat.stance,
  claims_flat.certainty,
  claims_flat.claim_type,
  claims_flat.evidence_type,
  claims_flat.evidence_basis,
  sources.short_name as source,
  iif(citing.source_id is null, 'no', 'yes') as prints_markers,
  sources.source_id
from claims_flat
join sources using (source_id)
left join citing using (source_id)
where claims_flat.cited_references is null
order by
  sources.position,
  claims_flat.claim_id;
