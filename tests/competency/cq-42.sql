-- Of dose in figures, effect size, number of patients, duration of effect, authors, date, and funding or interests: which does no source state?
-- The list is that of the question.
select item
from source_reporting
where item in (
  'dose_in_figures',
  'effect_size',
  'number_of_patients',
  'duration_of_effect',
  'authors_named',
  'publication_date',
  'funding_or_interests'
)
group by item
having count(case when stated = 'yes' then 1 end) = 0
