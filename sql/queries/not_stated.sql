-- What does each source not state?
-- The fixed checklist, one item a row: which documents state it, which only touch on it and which do not state it. What most sources leave out stands first.
-- item: The item of the checklist.
-- not_stated_by: Documents that do not state it.
-- unspecific_in: Documents that touch on it without saying it plainly.
-- stated_by: Documents that state it.
-- sources_silent: How many documents do not state it; five texts are not five studies.
select
  items.item,
  (
    select group_concat(short_name, '; ')
    from (
      select sources.short_name
      from source_reporting
      join sources using (source_id)
      where source_reporting.item = items.item
      and source_reporting.stated = 'no'
      order by sources.position
    )
  ) as not_stated_by,
  (
    select group_concat(short_name, '; ')
    from (
      select sources.short_name
      from source_reporting
      join sources using (source_id)
      where source_reporting.item = items.item
      and source_reporting.stated = 'unspecific'
      order by sources.position
    )
  ) as unspecific_in,
  (
    select group_concat(short_name, '; ')
    from (
      select sources.short_name
      from source_reporting
      join sources using (source_id)
      where source_reporting.item = items.item
      and source_reporting.stated = 'yes'
      order by sources.position
    )
  ) as stated_by,
  items.sources_silent
from (
  select
    item,
    count(case when stated = 'no' then 1 end) as sources_silent
  from source_reporting
  group by item
) as items
order by
  items.sources_silent desc,
  items.item
