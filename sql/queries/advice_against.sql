-- Who advises against ketamine, and for whom?
-- Every claim whose words judge the use of ketamine for pain unfavourably, or that names somebody it is not for.
-- source: The document, by its short name.
-- for_whom: The conditions that are advised against or are reasons not to treat, each with the words that narrow it.
-- quote: The source's own words.
-- hedge: The words that doubt.
-- attributed_to: The body in whose name it is said; empty where the document says it itself.
-- statement: The claim in our own words.
-- claim_type: What kind of claim it is.
-- stance: Judgement of using ketamine for pain in the words themselves.
-- claim_id: Identifier of the claim.
select
  claims_flat.short_name as source,
  (
    select group_concat(name, '; ')
    from (
      select distinct conditions.label || coalesce(' (' || claim_conditions.qualifier || ')', '') as name
      from claim_conditions
      join conditions using (condition_id)
      where claim_conditions.claim_id = claims_flat.claim_id
      and claim_conditions.role in ('not_recommended', 'contraindication')
      order by conditions.label
    )
  ) as for_whom,
  claims_flat.quote,
  claims_flat.hedge,
  claims_flat.attributed_to,
  claims_flat.statement,
  claims_flat.claim_type,
  claims_flat.stance,
  claims_flat.claim_id
from claims_flat
join sources using (source_id)
where claims_flat.stance = 'against'
or claims_flat.claim_id in (
  select claim_id
  from claim_conditions
  where role in ('not_recommended', 'contraindication')
)
order by
  sources.position,
  claims_flat.claim_id
