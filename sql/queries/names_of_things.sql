-- By which names can a condition, route, effect or concept be found?
-- One row for each thing: its label, the words that name it in the documents, and the words by which only readers ask for it.
-- label: The thing as we name it.
-- table_name: Where its row stands.
-- printed: The other words that name it in a document.
-- asked: The words by which readers ask for it and that no document prints as its name.
-- row_id: Identifier of its row.
select
  max(name) filter (where origin = 'label') as label,
  table_name,
  group_concat(name, '; ') filter (where origin = 'printed') as printed,
  group_concat(name, '; ') filter (where origin = 'asked') as asked,
  row_id
from (
  select *
  from searchable_names
  order by position
)
group by
  table_name,
  row_id
order by
  label collate nocase,
  table_name
