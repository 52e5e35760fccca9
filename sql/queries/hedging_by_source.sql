-- How many of its claims does each source hedge?
-- For every source, its claims with words that doubt them and those without. This is a share of claims, not a degree of certainty: texts are not studies.
-- source: The document, by its short name.
-- claims: How many claims the source makes.
-- hedged: How many of them carry words that doubt.
-- asserted: How many of them are stated as a fact.
-- source_id: Identifier of the document.
select
  sources.short_name as source,
  count(claims_flat.claim_id) as claims,
  count(case when claims_flat.certainty = 'hedged' then 1 end) as hedged,
  count(case when claims_flat.certainty = 'asserted' then 1 end) as asserted,
  sources.source_id
from sources
left join claims_flat using (source_id)
group by sources.source_id
order by sources.position
