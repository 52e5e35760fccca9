-- Searchable names
-- The labels of the things that claims are linked to, the words that name them in the documents, and the names that only readers use; filled while the mentions still hold their words.
insert into searchable_names
with spellings(table_name, row_id, rank, origin, name, name_id) as (
  select 'conditions', condition_id, 1, 'label', label, null from conditions
  union all
  select 'routes', route_id, 1, 'label', label, null from routes
  union all
  select 'adverse_effects', adverse_effect_id, 1, 'label', label, null from adverse_effects
  union all
  select 'concepts', concept_id, 1, 'label', label, null from concepts
  union all
  select 'conditions', condition_id, 2, 'printed', mention, null
  from claim_conditions
  where mention_type = 'named'
  union all
  select 'routes', route_id, 2, 'printed', mention, null from claim_routes where mention_type = 'named'
  union all
  select 'adverse_effects', adverse_effect_id, 2, 'printed', mention, null
  from claim_adverse_effects
  where mention_type = 'named'
  union all
  select 'concepts', concept_id, 2, 'printed', mention, null
  from claim_concepts
  where mention_type = 'named'
  union all
  select table_name, row_id, 3, 'asked', name, name_id
  from names
  where table_name in ('conditions', 'routes', 'adverse_effects', 'concepts')
),
-- Of spellings that differ only in case the label, else the one without the capital of a sentence's beginning.
distinct_names as (
  select
    *,
    row_number() over (partition by table_name, row_id, lower(name) order by rank, name desc) as spelling
  from spellings
)
select
  table_name,
  row_id,
  row_number() over (partition by table_name, row_id order by rank, lower(name)),
  name,
  origin,
  name_id
from distinct_names
where spelling = 1
order by table_name, row_id, rank, lower(name);
