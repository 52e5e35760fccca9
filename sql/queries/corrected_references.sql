-- Which printed references are wrong or incomplete?
-- Every correction with the printed form, the corrected form and how it can be checked; the printed form stays in the table of references.
-- reference_id: Identifier of the printed entry.
-- reference: Title of the work as printed, or the words that name it.
-- field: The field that is corrected.
-- kind: Whether something printed is wrong or something is missing.
-- printed: The value as printed.
-- corrected: The value as it should be.
-- basis: What shows that the correction is right.
-- evidence: Where and how it can be checked.
-- source: The document that prints the entry.
select
  corrections.reference_id,
  coalesce("references".title, "references".quote) as reference,
  corrections.field,
  corrections.kind,
  corrections.printed,
  corrections.corrected,
  corrections.basis,
  corrections.evidence,
  sources.short_name as source
from corrections
join "references" using (reference_id)
join sources using (source_id)
order by
  corrections.kind desc,
  sources.position,
  corrections.correction_id
