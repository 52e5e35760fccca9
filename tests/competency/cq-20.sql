-- Which unwanted effects are given with a word for how often they occur, in any source?
select distinct mention
from claim_adverse_effects
where frequency is not null
and mention_type = 'named'
