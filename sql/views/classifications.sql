-- Classifications in words
-- What each mapping says, in words: the terminology, its code, and how it stands to what we name.
-- mapping_id: Identifier of the mapping.
-- classification: The mapping in words.
create view classifications as
select
  mapping_id,
  object_source || ': ' || object_label || ' (' || object_id || ') '
  || case predicate_id
    when 'skos:broadMatch' then 'takes in'
    when 'skos:narrowMatch' then 'is part of'
    when 'skos:relatedMatch' then 'is related to'
    when 'skos:exactMatch' then 'is'
    else 'is nearly'
  end || ' '
  || case table_name
    when 'conditions' then (select label from conditions where condition_id = row_id)
    when 'routes' then (select label from routes where route_id = row_id)
    when 'adverse_effects' then (select label from adverse_effects where adverse_effect_id = row_id)
    else (select label from concepts where concept_id = row_id)
  end as classification
from mappings
order by mapping_id;
