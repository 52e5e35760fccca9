-- Which sources name dependence or misuse as a concern about ketamine?
select distinct source_id
from claims_flat
join claim_concepts using (claim_id)
where about = 'ketamine'
and concept_id in ('dependence', 'misuse')
and role = 'concern'
