-- What was seen of a kind?
-- Every sighting of one kind, whales where none is named.
-- statement: What was seen.
-- sighting_id: Identifier of the sighting.
select
  sightings.statement,
  sightings.sighting_id
from sightings
where sightings.kind = coalesce(nullif(:kind, ''), 'whale')
order by sightings.sighting_id
