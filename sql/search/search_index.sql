-- Search everything
-- One full-text index over claims, passages, entities, references and sources, so that one score ranks them all.
create virtual table search_index using fts5(
  kind unindexed,
  row_id unindexed,
  source_id unindexed,
  title,
  names,
  text,
  notes,
  -- The identifier as one word: as several it would bring every claim of a document along with a word of its name.
  id_word,
  tokenize = "unicode61 remove_diacritics 2"
);

insert into search_index
select
  'source',
  source_id,
  source_id,
  short_name,
  coalesce(title, ''),
  coalesce(publisher, ''),
  coalesce(url, '') || coalesce(' ' || note, ''),
  replace(source_id, '-', '')
from sources
order by position;

insert into search_index
with entities(kind, table_name, row_id, passage_id, label, definition) as (
  select 'condition', 'conditions', condition_id, passage_id, label, definition from conditions
  union all
  select 'route', 'routes', route_id, passage_id, label, definition from routes
  union all
  select 'adverse effect', 'adverse_effects', adverse_effect_id, passage_id, label, definition
  from adverse_effects
  union all
  select 'concept', 'concepts', concept_id, passage_id, label, definition from concepts
),
mentions(kind, row_id, name) as (
  select 'condition', condition_id, mention from claim_conditions where mention_type = 'named'
  union all
  select 'route', route_id, mention from claim_routes where mention_type = 'named'
  union all
  select 'adverse effect', adverse_effect_id, mention from claim_adverse_effects where mention_type = 'named'
  union all
  select 'concept', concept_id, mention from claim_concepts where mention_type = 'named'
),
-- What the documents call it, without the capital of a sentence's beginning where it also stands without.
named(kind, row_id, names) as (
  select kind, row_id, group_concat(name, '; ')
  from (
    select kind, row_id, max(name) as name
    from mentions
    where name is not null
    group by kind, row_id, lower(name)
  )
  group by kind, row_id
),
coded(table_name, row_id, codes) as (
  select table_name, row_id, group_concat(code, '; ')
  from (
    select table_name, row_id, object_id || coalesce(' ' || object_label, '') as code
    from mappings
    order by mapping_id
  )
  group by table_name, row_id
)
select
  entities.kind,
  entities.row_id,
  passages.source_id,
  entities.label,
  coalesce(named.names, ''),
  entities.definition,
  coalesce(coded.codes, ''),
  replace(entities.row_id, '-', '')
from entities
join passages using (passage_id)
left join named
  on named.kind = entities.kind
  and named.row_id = entities.row_id
left join coded
  on coded.table_name = entities.table_name
  and coded.row_id = entities.row_id
order by entities.kind, entities.row_id;

insert into search_index
select
  'reference',
  bibliography.reference_id,
  bibliography.source_id,
  coalesce(bibliography.title, bibliography.number, bibliography.publisher, ''),
  '',
  trim(
    coalesce(bibliography.authors || '. ', '')
    || coalesce(bibliography.container_title || '. ', '')
    || coalesce(bibliography.publisher || '. ', '')
    || coalesce(bibliography.number || '. ', '')
    || coalesce(bibliography.year, '')
  ),
  -- A DOI as people paste it, with or without the address; and what is printed where it was corrected.
  trim(
    coalesce('doi:' || bibliography.doi || ' https://doi.org/' || bibliography.doi, '')
    || coalesce(' PMID: ' || bibliography.pmid, '')
    || coalesce(' PMCID: ' || bibliography.pmcid, '')
    || coalesce(
      (
        select ' printed: ' || group_concat(printed, '; ')
        from (
          select printed
          from corrections
          where corrections.reference_id = bibliography.reference_id
          order by correction_id
        )
      ),
      ''
    )
  ),
  replace(bibliography.reference_id, '-', '')
from bibliography
order by bibliography.reference_id;

-- Claims and passages by their place in the documents, so that a search that stops early has read of each document.
insert into search_index
select kind, row_id, source_id, title, '', text, note, replace(row_id, '-', '')
from (
  select
    'passage' as kind,
    passage_id as row_id,
    source_id,
    position,
    coalesce(section, '') as title,
    text,
    '' as note
  from passages
  where text <> ''
  union all
  select
    'claim',
    claims.claim_id,
    passages.source_id,
    passages.position,
    claims.statement,
    coalesce(claims.quote, ''),
    coalesce(claims.note, '')
  from claims
  join passages using (passage_id)
)
order by position, source_id, kind, row_id;

insert into search_index(search_index) values ('optimize');
