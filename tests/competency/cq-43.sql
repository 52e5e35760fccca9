-- Which literature database is named as searched, in any source?
-- What kind of resource it is, no table says, so the passage that describes the search decides.
select distinct mention
from source_reporting
join claims using (passage_id)
join claim_concepts using (claim_id)
join concepts using (concept_id)
where item = 'search_described'
and claim_type = 'review_scope'
and role = 'method'
and kind = 'resource'
and mention_type = 'named'
