-- Claims, one row each
-- Every claim with its source, its context and the names of what it is linked to; filled while the passages still hold their text.
insert into claims_flat
with recursive occurrences as (
  select
    claims.claim_id,
    1 as occurrence,
    instr(passages.text, claims.quote) as start
  from claims
  join passages using (passage_id)
  union all
  select
    occurrences.claim_id,
    occurrences.occurrence + 1,
    -- Occurrences do not overlap, so the next one begins behind the last.
    occurrences.start + length(claims.quote) - 1
    + instr(substr(passages.text, occurrences.start + length(claims.quote)), claims.quote)
  from occurrences
  join claims using (claim_id)
  join passages using (passage_id)
  where occurrences.occurrence < coalesce(claims.quote_occurrence, 1)
),
-- Forty characters on either side of a quote, and the one beyond each; empty where the passage ends.
surroundings as (
  select
    claims.claim_id,
    substr(passages.text, max(1, occurrences.start - 40), min(40, occurrences.start - 1)) as before,
    case when occurrences.start > 41 then substr(passages.text, occurrences.start - 41, 1) else '' end as beyond_before,
    substr(passages.text, occurrences.start + length(claims.quote), 40) as after,
    substr(passages.text, occurrences.start + length(claims.quote) + 40, 1) as beyond_after
  from claims
  join passages using (passage_id)
  join occurrences
    on occurrences.claim_id = claims.claim_id
    and occurrences.occurrence = coalesce(claims.quote_occurrence, 1)
),
-- Without the word that its far end would cut; what is left of a stretch without a blank is nothing, and missing.
stretches as (
  select
    claim_id,
    nullif(iif(beyond_before in ('', ' '), before, ltrim(before, replace(before, ' ', ''))), '') as before,
    nullif(iif(beyond_after in ('', ' '), after, rtrim(after, replace(after, ' ', ''))), '') as after
  from surroundings
),
named as (
  select
    claim_id,
    group_concat(label, '; ') filter (where role = 'actor') as actors,
    group_concat(label, '; ') filter (where role = 'site') as sites,
    group_concat(label, '; ') filter (where role = 'jurisdiction') as jurisdictions,
    group_concat(label, '; ') filter (where role = 'prior_treatment') as prior_treatments
  from (
    select distinct
      claim_concepts.claim_id,
      claim_concepts.role,
      concepts.label
    from claim_concepts
    join concepts using (concept_id)
    order by
      claim_concepts.claim_id,
      concepts.label
  )
  group by claim_id
)
select
  claims.claim_id,
  claims.statement,
  claims.quote,
  claims.stance,
  claims.hedge,
  claims.claim_type,
  sources.short_name,
  claims.certainty,
  claims.qualifier,
  (
    select group_concat(label, '; ')
    from (
      select distinct conditions.label
      from claim_conditions
      join conditions using (condition_id)
      where claim_conditions.claim_id = claims.claim_id
      order by conditions.label
    )
  ),
  (
    select group_concat(label, '; ')
    from (
      select distinct routes.label
      from claim_routes
      join routes using (route_id)
      where claim_routes.claim_id = claims.claim_id
      order by routes.label
    )
  ),
  (
    select group_concat(label, '; ')
    from (
      select distinct adverse_effects.label
      from claim_adverse_effects
      join adverse_effects using (adverse_effect_id)
      where claim_adverse_effects.claim_id = claims.claim_id
      order by adverse_effects.label
    )
  ),
  (
    select group_concat(label, '; ')
    from (
      select distinct concepts.label
      from claim_concepts
      join concepts using (concept_id)
      where claim_concepts.claim_id = claims.claim_id
      order by concepts.label
    )
  ),
  named.actors,
  named.sites,
  named.jurisdictions,
  named.prior_treatments,
  (
    select group_concat(outcome, '; ')
    from (
      select concepts.label || ' (' || replace(claim_concepts.direction, '_', ' ') || ')' as outcome
      from claim_concepts
      join concepts using (concept_id)
      where claim_concepts.claim_id = claims.claim_id
        and claim_concepts.role = 'outcome'
      order by outcome
    )
  ),
  (
    select group_concat(reason, '; ')
    from (
      select claim_reasons.kind || ' ' || claim_reasons.reason_claim_id as reason
      from claim_reasons
      where claim_reasons.claim_id = claims.claim_id
      order by reason
    )
  ),
  (
    select group_concat(reference_id, '; ')
    from (
      select reference_id
      from claim_references
      where claim_references.claim_id = claims.claim_id
      order by reference_id
    )
  ),
  claims.about,
  claims.voice,
  claims.attributed_to,
  claims.evidence_type,
  claims.evidence_basis,
  claims.dose,
  claims.duration_of_effect,
  passages.source_id,
  claims.passage_id,
  passages.section,
  stretches.before,
  stretches.after,
  claims.quote_occurrence,
  claims.focus,
  claims.antecedent_passage_id,
  claims.extraction,
  claims.note
from claims
join passages using (passage_id)
join sources using (source_id)
join stretches using (claim_id)
left join named using (claim_id)
order by claims.claim_id;
