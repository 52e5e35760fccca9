-- Which sources name cancer pain as a condition that ketamine is used for or studied in?
select distinct source_id
from claims_flat
join claim_conditions using (claim_id)
where condition_id = 'cancer-pain'
and role in ('treated', 'studied')
