-- Which source reports dependence and misuse as feared in connection with ketamine (not a history of substance abuse as a reason against treatment, nor dependence on another drug)?
select distinct source_id
from claims_flat
join claim_adverse_effects using (claim_id)
where adverse_effect_id in ('dependence', 'misuse')
and role = 'concern'
