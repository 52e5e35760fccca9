-- Search everything
-- One full-text index over claims, passages, entities, references and sources, so that one score ranks them all.
create virtual table search_index using fts5(
  kind unindexed,
  row_id unindexed,
  source_id unindexed,
  title,
  text,
  tokenize = "porter unicode61 remove_diacritics 2"
);

insert into search_index
select
  'source',
  source_id,
  source_id,
  short_name,
  trim(coalesce(title, '') || ' ' || coalesce(publisher, '') || ' ' || coalesce(note, ''))
from sources
order by position;

insert into search_index
select
  'claim',
  claims_flat.claim_id,
  claims_flat.source_id,
  claims_flat.statement,
  coalesce(claims_flat.quote, '')
from claims_flat
order by claims_flat.claim_id;

insert into search_index
select
  'passage',
  passages.passage_id,
  passages.source_id,
  coalesce(passages.section, ''),
  passages.text
from passages
where passages.text <> ''
order by passages.passage_id;

insert into search_index
select
  'condition',
  conditions.condition_id,
  passages.source_id,
  conditions.label,
  conditions.definition || coalesce(' ' || conditions.quote, '')
from conditions
join passages using (passage_id)
order by conditions.condition_id;

insert into search_index
select
  'route',
  routes.route_id,
  passages.source_id,
  routes.label,
  routes.definition || coalesce(' ' || routes.quote, '')
from routes
join passages using (passage_id)
order by routes.route_id;

insert into search_index
select
  'adverse effect',
  adverse_effects.adverse_effect_id,
  passages.source_id,
  adverse_effects.label,
  adverse_effects.definition || coalesce(' ' || adverse_effects.quote, '')
from adverse_effects
join passages using (passage_id)
order by adverse_effects.adverse_effect_id;

insert into search_index
select
  'concept',
  concepts.concept_id,
  passages.source_id,
  concepts.label,
  concepts.definition || coalesce(' ' || concepts.quote, '')
from concepts
join passages using (passage_id)
order by concepts.concept_id;

insert into search_index
select
  'reference',
  "references".reference_id,
  "references".source_id,
  coalesce("references".title, "references".quote, ''),
  trim(
    coalesce(
      (
        select group_concat(name, ', ')
        from (
          select family || coalesce(' ' || initials, '') as name
          from reference_authors
          where reference_authors.reference_id = "references".reference_id
          order by position
        )
      ),
      ''
    )
    || ' ' || coalesce("references".container_title, '')
    || ' ' || coalesce("references".year, '')
    || ' ' || coalesce("references".doi, '')
    || ' ' || coalesce("references".pmid, '')
  )
from "references"
order by "references".reference_id;
