-- After which treatments, and beside which, is ketamine set?
-- Treatments that failed before or that a pain resists, and those that ketamine is compared with.
-- treatment: The treatment as we name it.
-- role: prior_treatment: failed before; comparator: what ketamine is set beside.
-- source: The document, by its short name.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- qualifier: The words that narrow.
-- statement: The claim in our own words.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  concepts.label as treatment,
  claim_concepts.role,
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
where claim_concepts.role = 'prior_treatment'
  or (claim_concepts.role = 'comparator' and concepts.kind in ('substance', 'substance_class', 'treatment'))
order by
  concepts.label,
  claim_concepts.role,
  sources.position,
  claims_flat.claim_id
