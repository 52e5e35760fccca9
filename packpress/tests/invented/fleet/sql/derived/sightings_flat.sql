-- Sightings, one row each
-- Every sighting with its log and the names of its ports.
insert into sightings_flat
select
  sightings.sighting_id,
  sightings.statement,
  sightings.quote,
  sightings.kind,
  pages.log_id,
  (
    select group_concat(label, '; ')
    from (
      select ports.label
      from sighting_ports
      join ports using (port_id)
      where sighting_ports.sighting_id = sightings.sighting_id
      order by ports.label
    )
  ),
  sightings.page_id
from sightings
join pages using (page_id)
order by sightings.sighting_id;
