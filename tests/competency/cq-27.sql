-- Which sources state whether ketamine is approved or licensed for a use?
select source_id
from source_reporting
where item = 'licensing_status'
and stated = 'yes'
