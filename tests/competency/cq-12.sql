-- Which classes of drugs does Review 2021 name as first-line treatment for many chronic pain conditions?
select distinct classes.mention
from claims_flat
join claim_conditions using (claim_id)
join claim_concepts as lines using (claim_id)
join claim_concepts as classes using (claim_id)
join concepts on concepts.concept_id = classes.concept_id
where short_name = 'Review 2021'
and condition_id = 'chronic-pain'
and lines.concept_id = 'first-line-treatment'
and lines.role = 'class'
and classes.role = 'subject'
and classes.mention_type = 'named'
and kind = 'substance_class'
