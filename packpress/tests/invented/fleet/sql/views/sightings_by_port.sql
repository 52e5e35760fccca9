-- Sightings by port
-- Every port with what was seen there.
-- port: Name of the port.
-- statement: What was seen.
-- sighting_id: Identifier of the sighting.
create view sightings_by_port as
select
  ports.label as port,
  sightings.statement,
  sightings.sighting_id
from sighting_ports
join ports using (port_id)
join sightings using (sighting_id)
order by
  ports.label,
  sightings.sighting_id;
