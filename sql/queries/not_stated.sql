-- What does each source not state?
-- The fixed checklist, one item a row: which documents state it, which only touch on it and which do not state it. What most sources leave out stands first.
-- item: The item of the checklist.
-- not_stated_by: Documents that do not state it.
-- unspecific_in: Documents that touch on it without saying it plainly.
-- stated_by: Documents that state it.
-- sources_silent: How many documents do not state it; texts are not studies.
with listed as (
  select
    item,
    stated,
    group_concat(short_name, '; ') as names,
    count(*) as sources
  from (
    select
      source_reporting.item,
      source_reporting.stated,
      sources.short_name
    from source_reporting
    join sources using (source_id)
    order by sources.position
  )
  group by item, stated
)
select
  items.item,
  silent.names as not_stated_by,
  vague.names as unspecific_in,
  plain.names as stated_by,
  coalesce(silent.sources, 0) as sources_silent
from (select distinct item from source_reporting) as items
left join listed as silent on silent.item = items.item and silent.stated = 'no'
left join listed as vague on vague.item = items.item and vague.stated = 'unspecific'
left join listed as plain on plain.item = items.item and plain.stated = 'yes'
order by
  sources_silent desc,
  items.item
