-- Which sources name no route by which ketamine is given?
select source_id
from source_reporting
where item = 'route_named'
and stated = 'no'
