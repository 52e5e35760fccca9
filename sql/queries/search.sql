-- Search everything
-- Claims, passages, conditions, routes, adverse effects, concepts, references and sources that hold all the words, the best match first. Words are matched by their stem; other signs are ignored.
-- kind: What was found.
-- title: Its name or statement.
-- snippet: The words around the match, each match in double brackets.
-- source: The document it belongs to; for an entity, the one that names it first.
-- row_id: Identifier in its table.
select
  search_index.kind,
  coalesce(nullif(highlight(search_index, 3, '⟦', '⟧'), ''), search_index.kind) as title,
  snippet(search_index, 4, '⟦', '⟧', '…', 30) as snippet,
  sources.short_name as source,
  search_index.row_id
from search_index
left join sources using (source_id)
-- Each word becomes a quoted phrase, so that nothing a reader types can be syntax; length() stops at a NUL.
where search_index match (
  '"' || replace(replace(substr(:q, 1, length(:q)), '"', '""'), ' ', '" "') || '"'
)
order by
  bm25(search_index, 0, 0, 0, 2, 1),
  search_index.kind,
  search_index.row_id
limit 200
