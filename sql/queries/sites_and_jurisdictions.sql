-- Where in the body, and in which country, does what hold?
-- Sites of the body where something happens, and countries for which something is said.
-- place: The site or the country as we name it.
-- role: site: in the body; jurisdiction: a country.
-- source: The document, by its short name.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- qualifier: The words that narrow.
-- statement: The claim in our own words.
-- claim_type: What kind of claim it is.
-- claim_id: Identifier of the claim.
select
  concepts.label as place,
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
where claim_concepts.role in ('site', 'jurisdiction')
order by
  concepts.label,
  claim_concepts.role,
  sources.position,
  claims_flat.claim_id
