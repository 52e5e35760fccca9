-- Which sources name an unwanted effect of ketamine, as against speaking of side effects without naming one?
select source_id
from source_reporting
where item = 'adverse_effect_named'
and stated = 'yes'
