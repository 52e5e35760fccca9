-- Which sources name a place in which ketamine is given or started?
select source_id
from source_reporting
where item = 'setting_named'
and stated = 'yes'
