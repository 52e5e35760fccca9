-- Which doses and durations are stated?
-- Every claim that states a dose or how long an effect lasts, in the words of the source.
-- source: The document, by its short name.
-- dose: The dose as stated.
-- duration_of_effect: How long the effect lasts, as stated.
-- quote: The source's own words.
-- statement: The claim in our own words.
-- conditions: The conditions that the claim names.
-- routes: The routes that the claim names.
-- claim_id: Identifier of the claim.
select
  claims_flat.short_name as source,
  claims_flat.dose,
  claims_flat.duration_of_effect,
  claims_flat.quote,
  claims_flat.statement,
  claims_flat.conditions,
  claims_flat.routes,
  claims_flat.claim_id
from claims_flat
join sources using (source_id)
where claims_flat.dose is not null
or claims_flat.duration_of_effect is not null
order by
  sources.position,
  claims_flat.claim_id
