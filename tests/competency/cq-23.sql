-- Which sources name dependence or misuse as a concern about ketamine?
select distinct source_id
from claims_flat
join claim_adverse_effects using (claim_id)
where about = 'ketamine'
and adverse_effect_id in ('dependence', 'misuse')
and role = 'concern'
