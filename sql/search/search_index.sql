-- Search everything
-- One full-text index over claims, passages, entities, questions, references and sources, so that one score ranks them all; beside it the same words without their endings, the names by which a row is asked for, and the words to which a slip of the pen is corrected.
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
  -- The type of claim that it is, or whose claims answer it, as one word.
  type_words,
  -- The types of the claims that bear on a question.
  answered_by,
  -- What answers a question, with the names of the documents, by which it is not to be found.
  answer unindexed,
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
  replace(source_id, '-', ''),
  '',
  '',
  ''
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
links(table_name, row_id, claim_id) as (
  select 'conditions', condition_id, claim_id from claim_conditions
  union
  select 'routes', route_id, claim_id from claim_routes
  union
  select 'adverse_effects', adverse_effect_id, claim_id from claim_adverse_effects
  union
  select 'concepts', concept_id, claim_id from claim_concepts
),
counted(table_name, row_id, claims, sources) as (
  select table_name, row_id, sum(claims), group_concat(short_name || ' ' || claims, ', ')
  from (
    select links.table_name, links.row_id, sources.short_name, count(*) as claims
    from links
    join claims using (claim_id)
    join passages using (passage_id)
    join sources using (source_id)
    group by links.table_name, links.row_id, sources.source_id
    order by links.table_name, links.row_id, sources.position
  )
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
  replace(entities.row_id, '-', ''),
  '',
  '',
  entities.definition || coalesce(
    ' ' || counted.claims || iif(counted.claims = 1, ' claim: ', ' claims: ') || counted.sources || '.',
    ''
  )
from entities
join passages using (passage_id)
left join named
  on named.table_name = entities.table_name
  and named.row_id = entities.row_id
left join counted
  on counted.table_name = entities.table_name
  and counted.row_id = entities.row_id
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
  coalesce(sources.short_name || ' reference ' || bibliography.ordinal, ''),
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
    || coalesce(' PMCID: ' || bibliography.pmcid || ' PMC' || replace(bibliography.pmcid, 'PMC', ''), '')
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
  replace(bibliography.reference_id, '-', ''),
  '',
  '',
  ''
from bibliography
join sources using (source_id)
order by bibliography.reference_id;

-- Questions that two claims bear on, answered by those claims.
insert into search_index
with sides(question_id, claim_id) as (
  select question_id, claim_id from claim_relations
  union
  select question_id, related_claim_id from claim_relations
),
answers(question_id, statements, types, answer) as (
  select
    question_id,
    group_concat(statement, ' '),
    group_concat(distinct replace(claim_type, '_', '')),
    group_concat(short_name || ': ' || statement, ' ')
  from (
    select sides.question_id, sources.short_name, claims.statement, claims.claim_type
    from sides
    join claims using (claim_id)
    join passages using (passage_id)
    join sources using (source_id)
    order by sides.question_id, sources.position, claims.claim_id
  )
  group by question_id
)
select
  'question',
  questions.question_id,
  '',
  questions.question,
  '',
  coalesce(asked.names, ''),
  coalesce(answers.statements, ''),
  '',
  replace(questions.question_id, '-', ''),
  '',
  coalesce(answers.types, ''),
  coalesce(answers.answer, '')
from questions
left join answers using (question_id)
left join (
  select row_id, group_concat(name, '; ') as names
  from (select row_id, name from names where table_name = 'questions' order by name_id)
  group by row_id
) as asked on asked.row_id = questions.question_id
order by questions.question_id;

-- Types of claim, each with the number of its claims.
insert into search_index
select
  'claim type',
  claim_types.claim_type,
  '',
  replace(claim_types.claim_type, '_', ' '),
  '',
  coalesce(asked.names, ''),
  claim_types.definition,
  '',
  '',
  replace(claim_types.claim_type, '_', ''),
  '',
  claim_types.definition || ' ' || counted.claims || iif(counted.claims = 1, ' claim', ' claims') || coalesce(': ' || counted.sources, '') || '.'
from claim_types
join (
  select claim_type, sum(claims) as claims, group_concat(short_name || ' ' || claims, ', ') as sources
  from (
    select claim_types.claim_type, sources.short_name, count(claims.claim_id) as claims
    from claim_types
    cross join sources
    left join passages using (source_id)
    left join claims on claims.passage_id = passages.passage_id and claims.claim_type = claim_types.claim_type
    group by claim_types.claim_type, sources.source_id
    order by claim_types.claim_type, sources.position
  )
  where claims > 0
  group by claim_type
) as counted using (claim_type)
left join (
  select row_id, group_concat(name, '; ') as names
  from (select row_id, name from names where table_name = 'claim_types' order by name_id)
  group by row_id
) as asked on asked.row_id = claim_types.claim_type
order by claim_types.claim_type;

-- Ready-made queries and views that answer a question, with their titles, and the answer as it is today.
insert into search_index
with answered(name, title, type_word, is_list, answer) as (
  select
    'contraindications',
    'Who should not be given ketamine, according to which source?',
    'contraindication',
    1,
    (
      select group_concat(label, ', ')
      from (
        select distinct conditions.label
        from claim_conditions
        join conditions using (condition_id)
        where claim_conditions.role = 'contraindication'
        order by conditions.label
      )
    )
  union all
  select
    'advice_against',
    'Who advises against ketamine, and for whom?',
    '',
    0,
    (
      select group_concat(said, ' ')
      from (
        select short_name || ': ' || statement as said
        from claims_flat
        join sources using (source_id, short_name)
        where claims_flat.stance = 'against'
        order by sources.position, claims_flat.claim_id
      )
    )
  union all
  select
    'named_adverse_effects',
    'Which adverse effects are named, how often and how do they run?',
    'safety',
    1,
    (
      select group_concat(label, ', ')
      from (
        select distinct adverse_effects.label
        from claim_adverse_effects
        join adverse_effects using (adverse_effect_id)
        order by adverse_effects.label
      )
    )
  union all
  select
    'doses_and_durations',
    'Which doses and durations are stated?',
    '',
    0,
    (
      select
        sum(stated = 'yes' and item = 'dose_in_figures') || ' of ' || sum(item = 'dose_in_figures')
        || ' sources give a dose in figures; '
        || sum(stated = 'yes' and item = 'duration_of_effect')
        || iif(sum(stated = 'yes' and item = 'duration_of_effect') = 1, ' says', ' say') || ' how long an effect lasts.'
      from source_reporting
    )
  union all
  select
    'routes_by_source',
    'Routes by source',
    '',
    1,
    (select group_concat(label, ', ') from (select label from routes order by label))
  union all
  select
    'condition_evidence',
    'Conditions by source',
    '',
    1,
    (
      select group_concat(label, ', ')
      from (select label from conditions where kind = 'pain_condition' order by label)
    )
  union all
  select
    'disagreements',
    'Disagreements',
    '',
    0,
    (
      select
        sum(relation = 'contradicts') || ' pairs of claims contradict each other, ' || sum(relation = 'in_tension')
        || ' pull apart, and in ' || sum(relation = 'qualifies') || ' one limits the other.'
      from claim_relations
    )
  union all
  select
    'not_stated',
    'What does each source not state?',
    '',
    1,
    (
      select group_concat(replace(item, '_', ' '), ', ')
      from (
        select item
        from source_reporting
        group by item
        having sum(stated = 'yes') = 0
        order by item
      )
    )
  union all
  select
    'evidence_types',
    'Which kinds of evidence does each source name?',
    'evidencequality',
    1,
    (
      select group_concat(replace(evidence_type, '_', ' ') || ' ' || claims, ', ')
      from (
        select evidence_type, count(*) as claims
        from claims
        where evidence_type not in ('none_stated', 'citation_only')
        group by evidence_type
        order by claims desc, evidence_type
      )
    )
  union all
  select
    'bibliography',
    'References',
    '',
    0,
    (
      select count(*) || ' entries, ' || count(corrected_fields) || ' of them corrected.'
      from bibliography
    )
  union all
  select
    'bibliography_by_year',
    'What is cited, by year?',
    '',
    0,
    (
      select group_concat(short_name || ' ' || entries, ', ')
      from (
        select sources.short_name, count(*) as entries
        from bibliography
        join sources using (source_id)
        group by sources.source_id
        order by sources.position
      )
    )
  union all
  select
    'corrected_references',
    'Which printed references are wrong or incomplete?',
    '',
    0,
    (select count(distinct reference_id) || ' references.' from corrections)
  union all
  select
    'hedged_claims',
    'Which claims are hedged, and by which words?',
    '',
    0,
    (select sum(certainty = 'hedged') || ' of ' || count(*) || ' claims.' from claims)
  union all
  select
    'support_for_condition',
    'Which sources support ketamine for a condition, in which words, resting on which references?',
    '',
    0,
    ''
  union all
  select
    'attributed_claims',
    'Which claims are made in the name of somebody else?',
    '',
    0,
    (select sum(voice = 'attributed') || ' of ' || count(*) || ' claims.' from claims)
),
pages(name, title, type_word, words, answer) as (
  select name, title, type_word, iif(is_list, answer, ''), answer from answered
)
select
  'query',
  pages.name,
  '',
  pages.title,
  '',
  coalesce(asked.names, ''),
  coalesce(pages.words, ''),
  '',
  '',
  pages.type_word,
  '',
  coalesce(pages.answer, '')
from pages
left join (
  select row_id, group_concat(name, '; ') as names
  from (select row_id, name from names where table_name = 'queries' order by name_id)
  group by row_id
) as asked on asked.row_id = pages.name
order by pages.name;

-- Claims and passages by their place in the documents, so that a search that stops early has read of each document.
-- A claim bears the names of the things that it is about, so that it is found by a name that it does not print.
insert into search_index
with links(claim_id, table_name, row_id, label) as (
  select claim_id, 'conditions', condition_id, label from claim_conditions join conditions using (condition_id)
  union
  select claim_id, 'routes', route_id, label from claim_routes join routes using (route_id)
  union
  select claim_id, 'adverse_effects', adverse_effect_id, label
  from claim_adverse_effects
  join adverse_effects using (adverse_effect_id)
  union
  select claim_id, 'concepts', concept_id, label from claim_concepts join concepts using (concept_id)
),
linked(claim_id, labels) as (
  select claim_id, group_concat(label, '; ')
  from (select distinct claim_id, label from links order by claim_id, label)
  group by claim_id
),
linked_names(claim_id, names) as (
  select claim_id, group_concat(name, '; ')
  from (
    select links.claim_id, names.name
    from links
    join names using (table_name, row_id)
    order by links.claim_id, names.name_id
  )
  group by claim_id
)
select
  placed.kind,
  placed.row_id,
  placed.source_id,
  placed.title,
  coalesce(linked.labels, ''),
  coalesce(linked_names.names, ''),
  placed.text,
  placed.note,
  replace(placed.row_id, '-', ''),
  placed.type_word,
  '',
  ''
from (
  select
    'passage' as kind,
    passage_id as row_id,
    source_id,
    position,
    coalesce(section, '') as title,
    text,
    '' as note,
    '' as type_word
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
    coalesce(claims.note, ''),
    replace(claims.claim_type, '_', '')
  from claims
  join passages using (passage_id)
) as placed
left join linked on linked.claim_id = placed.row_id
left join linked_names on linked_names.claim_id = placed.row_id
order by placed.position, placed.source_id, placed.kind, placed.row_id;

insert into search_index(search_index) values ('optimize');

-- The same text without endings: relieves, relieved and relief of pain, contraindicated and contraindication.
create virtual table search_stems using fts5(
  kind unindexed,
  row_id unindexed,
  source_id unindexed,
  title,
  names,
  asked_names,
  text,
  notes,
  id_word,
  type_words,
  answered_by,
  answer unindexed,
  content = "search_index",
  tokenize = "porter unicode61 remove_diacritics 2"
);
insert into search_stems(rowid, kind, row_id, source_id, title, names, asked_names, text, notes, id_word, type_words, answered_by, answer)
select rowid, kind, row_id, source_id, title, names, asked_names, text, notes, id_word, type_words, answered_by, answer
from search_index
order by rowid;
insert into search_stems(search_stems) values ('optimize');

-- Whole names of rows, each closed by a word that nobody types, so that a phrase can end where the name does. The title of a
-- question is marked, because it holds the names of what it asks about.
create virtual table search_names using fts5(
  name,
  id unindexed,
  is_title unindexed,
  tokenize = "porter unicode61 remove_diacritics 2"
);
insert into search_names(name, id, is_title)
with named(kind, row_id, name) as (
  select replace(rtrim(table_name, 's'), '_', ' '), row_id, name
  from searchable_names
  where name is not null and table_name in ('conditions', 'routes', 'adverse_effects', 'concepts')
  union
  select
    case table_name when 'queries' then 'query' else replace(rtrim(table_name, 's'), '_', ' ') end,
    row_id,
    name
  from names
  union
  -- A code that means the very thing, or nearly; what is broader or narrower would mislead.
  select replace(rtrim(table_name, 's'), '_', ' '), row_id, coalesce(object_label, object_id)
  from mappings
  where predicate_id in ('skos:exactMatch', 'skos:closeMatch')
  union
  select replace(rtrim(table_name, 's'), '_', ' '), row_id, object_id
  from mappings
  where predicate_id = 'skos:exactMatch'
  union
  select kind, row_id, row_id from search_index
  union
  select kind, row_id, title
  from search_index
  where kind in ('source', 'question', 'claim type', 'query')
    or (kind = 'reference' and title like '% %')
  union
  select kind, row_id, names from search_index where kind = 'source'
  union
  select 'source', source_id, publisher from sources where publisher is not null
  union
  select 'source', source_id, prefix.value || substr(source_id, 6)
  from sources, json_each('["", "PMID: "]') as prefix
  where source_id like 'pmid-%'
  union
  select 'reference', reference_id, doi from bibliography where doi is not null
  union
  select 'reference', reference_id, 'doi:' || doi from bibliography where doi is not null
  union
  select 'reference', reference_id, 'https://doi.org/' || doi from bibliography where doi is not null
  union
  select 'reference', reference_id, prefix.value || replace(pmcid, 'PMC', '')
  from bibliography, json_each('["PMC", "PMCID: ", "PMCID: PMC", "PMC "]') as prefix
  where pmcid is not null
  union
  select 'reference', reference_id, prefix.value || pmid
  from bibliography, json_each('["", "PMID: "]') as prefix
  where pmid is not null
  union
  select 'reference', reference_id, container_title from bibliography where container_title is not null
  union
  select 'reference', reference_id, family from reference_authors where family is not null
  union
  select 'reference', reference_id, prefix.value || ordinal
  from bibliography, json_each('["reference ", "ref "]') as prefix
  where ordinal is not null
  union
  select 'reference', reference_id, short_name || ' reference ' || ordinal
  from bibliography
  join sources using (source_id)
  where ordinal is not null
)
select named.name || ' endofname', search_index.rowid, kind in ('question', 'query') and named.name in (search_index.title, row_id)
from named
join search_index using (kind, row_id)
where named.name <> ''
order by search_index.rowid, named.name;
insert into search_names(search_names) values ('optimize');

-- The words to which a slip is corrected: as they stand in the index, of four letters and more.
create virtual table search_vocabulary using fts5vocab(search_index, col);
create virtual table search_words using fts5(word, found unindexed);
insert into search_words
select term, sum(doc)
from search_vocabulary
where col in ('title', 'names', 'asked_names', 'text')
  and length(term) >= 4
  and term not glob '*[0-9]*'
group by term
order by term;
insert into search_words(search_words) values ('optimize');
drop table search_vocabulary;
