-- Search everything
-- One full-text index over claims, passages, entities, references and sources, so that one score ranks them all.
create virtual table search_index using fts5(
  kind unindexed,
  row_id unindexed,
  source_id unindexed,
  title,
  names,
  asked_names,
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
  '',
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
-- What the documents call it, and what only readers do; an edition without the former keeps the latter.
named(table_name, row_id, printed, asked) as (
  select
    table_name,
    row_id,
    group_concat(name, '; ') filter (where origin = 'printed'),
    group_concat(name, '; ') filter (where origin = 'asked')
  from (
    select
      searchable_names.table_name,
      searchable_names.row_id,
      searchable_names.origin,
      coalesce(searchable_names.name, names.name) as name
    from searchable_names
    left join names using (name_id)
    order by searchable_names.table_name, searchable_names.row_id, searchable_names.position
  )
  where name is not null
  group by table_name, row_id
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
  coalesce(named.printed, ''),
  coalesce(named.asked, ''),
  entities.definition,
  coalesce(coded.codes, ''),
  replace(entities.row_id, '-', '')
from entities
join passages using (passage_id)
left join named
  on named.table_name = entities.table_name
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
select kind, row_id, source_id, title, '', '', text, note, replace(row_id, '-', '')
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
