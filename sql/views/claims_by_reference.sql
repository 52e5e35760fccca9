-- Claims by reference
-- Every printed reference with each claim that cites it and the marker as printed; a reference that no claim cites stands alone.
-- reference_id: Identifier of the printed entry.
-- reference: Title of the work as printed, or the words that name it.
-- year: Year of publication as printed.
-- listed_as: Where and in which direction the document lists the work.
-- marker: The citation marker as printed.
-- claim_id: Identifier of the claim; empty where no claim cites the entry.
-- statement: The claim in our own words.
-- quote: The source's own words that make the claim.
-- stance: Judgement of using ketamine for pain in the words themselves; empty for claims of a type that does not judge.
-- certainty: Whether the words doubt the claim.
-- claim_type: What kind of claim it is.
-- source: The document that prints the entry.
-- source_id: Identifier of the document.
create view claims_by_reference as
select
  printed.reference_id,
  coalesce(printed.title, printed.quote) as reference,
  printed.year,
  printed.listed_as,
  claim_references.marker,
  claims.claim_id,
  claims.statement,
  claims.quote,
  claims.stance,
  claims.certainty,
  claims.claim_type,
  sources.short_name as source,
  sources.source_id
from "references" as printed
join sources using (source_id)
left join claim_references using (reference_id)
left join claims using (claim_id)
order by
  sources.position,
  printed.listed_as,
  printed.ordinal,
  printed.reference_id,
  claims.claim_id;
