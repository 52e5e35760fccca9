-- For which condition does a named body recommend that ketamine be considered?
-- The words that narrow a condition belong to the answer, and stand beside its head.
select distinct
  claim_conditions.qualifier,
  condition_id
from claims_flat
join claim_conditions using (claim_id)
where claim_type = 'recommendation'
and voice = 'attributed'
and role = 'recommended'
