-- Search everything
-- Claims, passages, conditions, routes, adverse effects, concepts, references and sources that hold all the words, the best match first: at most 25 of a kind, or 200 of one kind that is named. Words in quotation marks are found in that order; the beginning of a word is enough.
-- kind: What was found.
-- title: Its name or statement, each match in double brackets.
-- snippet: Its words around the match, each match in double brackets.
-- names: What the documents call it, where that holds a match.
-- asked: What readers call it and no document does, where that holds a match.
-- notes: Codes, identifiers and notes, where they hold a match.
-- source: The document it belongs to; for an entity, the one that names it first.
-- row_id: Identifier in its table.
-- found: How many of the kind were found.
with recursive
-- What is read of the words: 400 signs, up to a NUL, at which length() stops; below, 16 pieces.
asked(typed) as (
  select substr(:q, 1, min(length(:q), 400))
),
signs(place, sign) as (
  select 1, substr(typed, 1, 1) from asked where typed <> ''
  union all
  select place + 1, substr(typed, place + 1, 1) from signs, asked where place < length(typed)
),
-- Quotation marks and spaces of any kind.
told(place, is_mark, is_space) as (
  select
    place,
    instr(char(34, 171, 187, 8220, 8221, 8222, 8223, 8243, 65282), sign) > 0,
    instr(
      char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201)
        || char(8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279),
      sign
    ) > 0
  from signs
),
-- Behind an odd number of marks stands a phrase, whose spaces cut nothing.
counted(place, is_cut, marks) as (
  select
    place,
    is_mark or (is_space and sum(is_mark) over (order by place) % 2 = 0),
    sum(is_mark) over (order by place)
  from told
),
numbered(place, is_cut, is_closed, piece) as (
  select
    place,
    is_cut,
    marks % 2 = 1 and marks < max(marks) over (),
    sum(is_cut) over (order by place)
  from counted
),
pieces(words, is_closed) as (
  select distinct
    trim(lower(substr(typed, min(place), count(*))), ' .,;:!?()[]{}*''’…'),
    max(is_closed)
  from numbered, asked
  where not is_cut
  group by piece
  order by min(place)
  limit 16
),
-- An ending that is cut off a word of at least so many signs, so that other forms of it begin alike.
endings(ending, least, cut) as (
  values
    ('s', 5, 1), ('es', 6, 2), ('ies', 6, 3), ('ed', 6, 2), ('ing', 7, 3), ('e', 6, 1), ('y', 6, 1),
    ('ss', 5, 0), ('us', 5, 0), ('is', 5, 0)
),
stems(words, is_closed, stem) as (
  select
    words,
    is_closed,
    substr(words, 1, length(words) - coalesce(
      (
        select cut
        from endings
        where words like '%' || ending
          and length(words) >= least
        order by length(ending) desc
        limit 1
      ),
      0
    ))
  from pieces
  where words <> ''
),
-- What is typed stands in quotation marks, so that nothing in it can be syntax; FTS5 drops what has no letter.
matches(exact, wide) as (
  select
    '{title names asked_names text notes} : (' || coalesce(group_concat('"' || words || '"', ' '), '""') || ')'
      -- Adds to the score of rows where the words stand side by side.
      || case
        when count(*) > 1 then ' OR {title names asked_names text notes} : "' || group_concat(words, ' ') || '"'
        else ''
      end
      || ' OR id_word : "' || coalesce(group_concat(replace(words, '-', ''), ' '), '') || '"',
    '{title names asked_names text notes} : ('
      || coalesce(
        group_concat(
          case
            when is_closed or length(words) < 3 then '"' || words || '"'
            else '"' || stem || '" *'
          end,
          ' '
        ),
        '""'
      ) || ')'
  from stems
),
-- The first 2,000 rows; those of claims and passages stand in the index by their place, so from every document.
exact_rows(id, score) as materialized (
  select rowid, bm25(search_index, 0, 0, 0, 100, 100, 100, 1, 10, 100)
  from search_index
  where search_index match (select exact from matches)
  limit 2000
),
-- Only where few rows hold the words as typed.
wide_rows(id, score) as materialized (
  select rowid, bm25(search_index, 0, 0, 0, 100, 100, 100, 1, 10, 100)
  from search_index
  where search_index match (
    select case when (select count(*) from exact_rows) < 200 then wide else '""' end
    from matches
  )
  limit 2000
),
candidates(id, tier, score) as (
  select id, 0, score from exact_rows
  union all
  select id, 1, score from wide_rows where id not in (select id from exact_rows)
),
-- What bears the very name that was typed comes first, then the words as typed, then the rest.
judged(id, kind, tier, score) as (
  select
    id,
    kind,
    tier,
    case
      when instr('; ' || lower(title || '; ' || names || '; ' || asked_names) || '; ', '; ' || lower(trim(typed, ' "')) || '; ') > 0
        then -1e9
      else tier * 1e6
    end + score
  from candidates
  cross join asked
  -- Not a plain join, lest SQLite read the whole index first.
  cross join search_index on search_index.rowid = candidates.id
),
ranked(id, tier, score, place, found) as (
  select
    id,
    tier,
    score,
    row_number() over (partition by kind order by score, id),
    count(*) over (partition by kind)
  from judged
  where coalesce(:kind, '') in ('', kind)
),
best(id, tier, score, found) as materialized (
  select id, tier, score, found
  from ranked
  where place <= case when coalesce(:kind, '') = '' then 25 else 200 end
),
shown as (
  select
    rowid as id,
    kind,
    row_id,
    source_id,
    highlight(search_index, 3, '⟦', '⟧') as title,
    snippet(search_index, 4, '⟦', '⟧', '…', 12) as names,
    snippet(search_index, 5, '⟦', '⟧', '…', 12) as asked,
    snippet(search_index, 6, '⟦', '⟧', '…', 40) as snippet,
    snippet(search_index, 7, '⟦', '⟧', '…', 12) as notes
  from search_index
  where search_index match (select exact from matches)
    and rowid <= (select max(id) from best where tier = 0)
    and +rowid in (select id from best where tier = 0)
  union all
  select
    rowid,
    kind,
    row_id,
    source_id,
    highlight(search_index, 3, '⟦', '⟧'),
    snippet(search_index, 4, '⟦', '⟧', '…', 12),
    snippet(search_index, 5, '⟦', '⟧', '…', 12),
    snippet(search_index, 6, '⟦', '⟧', '…', 40),
    snippet(search_index, 7, '⟦', '⟧', '…', 12)
  from search_index
  where search_index match (select wide from matches)
    and rowid <= (select max(id) from best where tier = 1)
    and +rowid in (select id from best where tier = 1)
)
select
  shown.kind,
  coalesce(nullif(shown.title, ''), shown.kind) as title,
  shown.snippet,
  case when instr(shown.names, '⟦') > 0 then shown.names end as names,
  case when instr(shown.asked, '⟦') > 0 then shown.asked end as asked,
  case when instr(shown.notes, '⟦') > 0 then shown.notes end as notes,
  sources.short_name as source,
  shown.row_id,
  best.found
from best
join shown using (id)
left join sources using (source_id)
order by best.score, best.id
