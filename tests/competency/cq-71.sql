-- Which outcome, in the abstract pmid-34746491, is worsened by chronic pain and improved by ketamine?
select label
from concepts
join claim_concepts using (concept_id)
join claims_flat using (claim_id)
where source_id = 'pmid-34746491'
and role = 'outcome'
group by concept_id
having sum(direction = 'worsens' and about = 'other')
and sum(direction = 'improves' and about = 'ketamine')
