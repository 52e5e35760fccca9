-- Search everything
-- Words, names, identifiers or a whole question. Pages and answers come first, then claims, passages and references: at most 25 of a kind, or 200 of one kind that is named.
-- kind: What was found.
-- title: Its name, question or statement, each match in double brackets.
-- snippet: Its words around the match, or the answer to a question, each match in double brackets.
-- names: What the documents call it, or what a claim is about, where that holds a match.
-- asked: What readers call it and no document does, where that holds a match.
-- notes: Codes, identifiers and notes, where they hold a match.
-- source: The document it belongs to; for an entity, the one that names it first.
-- row_id: Identifier in its table; the name of a query.
-- found: How many of the kind were found.
-- passage_id: The passage of a claim.
-- section: pages, with questions and their answers; claims about the words; mentions: claims in whose quote the words stand beside their subject; passages; references, and sources.
-- corrected: Words that were read as others, such as opiod: opioid.
-- missing: Words that stand nowhere here.
-- dropped: Words that no row has together with the others, and that were left out.
with recursive
-- What is read of the words: 400 signs, up to a NUL, at which length() stops; below, 16 pieces.
asked(typed) as (
  select substr(:q, 1, min(length(:q), 400))
),
signs(place, sign) as (
  select 1, substr(typed, 1, 1) from asked where typed <> ''
  union all
  select place + 1, substr(typed, place + 1, 1) from signs, asked where place < length(typed)
),
-- Quotation marks and spaces of any kind.
told(place, is_mark, is_space) as (
  select
    place,
    instr(char(34, 171, 187, 8220, 8221, 8222, 8223, 8243, 65282), sign) > 0,
    instr(
      char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201)
        || char(8202, 8203, 8232, 8233, 8239, 8287, 12288, 65279),
      sign
    ) > 0
  from signs
),
-- Behind an odd number of marks stands a phrase, whose spaces cut nothing.
counted(place, is_cut, marks) as (
  select
    place,
    is_mark or (is_space and sum(is_mark) over (order by place) % 2 = 0),
    sum(is_mark) over (order by place)
  from told
),
numbered(place, is_cut, is_closed, piece) as (
  select
    place,
    is_cut,
    marks % 2 = 1 and marks < max(marks) over (),
    sum(is_cut) over (order by place)
  from counted
),
pieces(place, words, is_closed) as (
  select row_number() over (order by start), words, is_closed
  from (
    select
      min(place) as start,
      trim(lower(replace(substr(typed, min(place), count(*)), '’', '''')), ' .,;:!?()[]{}*''…') as words,
      max(is_closed) as is_closed
    from numbered, asked
    where not is_cut
    group by piece
  )
  where words <> ''
  order by start
  limit 16
),
-- Words that ask, join or point. Alone they find nothing, but a name may hold them: who should not, how long.
stops(word) as (
  values
    ('a'), ('about'), ('after'), ('all'), ('also'), ('am'), ('an'), ('and'), ('any'), ('are'), ('as'), ('at'), ('be'),
    ('been'), ('but'), ('by'), ('can'), ('can''t'), ('could'), ('did'), ('do'), ('does'), ('doesn''t'), ('don''t'),
    ('each'), ('ever'), ('for'), ('from'), ('get'), ('gets'), ('go'), ('goes'), ('got'), ('had'), ('has'), ('have'),
    ('how'), ('i'), ('if'), ('in'), ('into'), ('is'), ('isn''t'), ('it'), ('its'), ('just'), ('know'), ('many'), ('may'),
    ('me'), ('much'), ('my'), ('not'), ('now'), ('of'), ('often'), ('ok'), ('okay'), ('on'), ('one'), ('or'), ('please'),
    ('really'), ('same'), ('say'), ('says'), ('should'), ('shouldn''t'), ('so'), ('some'), ('something'), ('tell'),
    ('than'), ('that'), ('the'), ('their'), ('them'), ('there'), ('they'), ('this'), ('to'), ('us'), ('vs'), ('was'),
    ('we'), ('were'), ('what'), ('what''s'), ('when'), ('where'), ('which'), ('who'), ('whom'), ('whose'), ('why'),
    ('will'), ('with'), ('without'), ('would'), ('you'), ('your'), ('actually'), ('per'), ('versus'), ('during'), ('out')
),
-- Words that any question about a treatment may hold: they rank, and narrow only when nothing else does.
weak(word) as (
  values
    ('drug'), ('drugs'), ('experience'), ('feel'), ('found'), ('give'), ('given'), ('gives'), ('giving'), ('like'),
    ('long'), ('medication'), ('medicine'), ('new'), ('patient'), ('patients'), ('people'), ('person'), ('problem'),
    ('problems'), ('pt'), ('pts'), ('starting'), ('studies'), ('study'), ('symptom'), ('symptoms'), ('take'), ('taken'),
    ('takes'), ('taking'), ('term'), ('therapy'), ('treat'), ('treated'), ('treating'), ('treatment'), ('treatments'),
    ('use'), ('used'), ('uses'), ('using')
),
checked(place, words, is_closed, is_known) as materialized (
  select
    place,
    words,
    is_closed,
    -- What is typed stands in quotation marks, so that nothing in it can be syntax; FTS5 drops what has no letter.
    exists (select 1 from search_index where search_index match '"' || words || '"')
      or exists (select 1 from search_stems where search_stems match '"' || words || '"')
      or (
        not is_closed
        and length(words) >= 3
        and exists (select 1 from search_index where search_index match '"' || words || '" *')
      )
      or words in (select word from stops)
      or words in (select word from weak)
  from pieces
),
-- One slip is a letter too few, too many, wrong or exchanged with its neighbour. One is forgiven from five letters on, two
-- from eight on, and in four letters an exchange; the first letter must be right, but for a single slip in six and more.
slips(place, words, size) as (
  select place, words, length(words)
  from checked
  where not is_known
    and not is_closed
    and length(words) between 4 and 40
    and words not glob '*[^a-z]*'
),
letters(place, sign, mask) as materialized (
  with recursive signs_of(place, words, at) as (
    select place, words, 1 from slips
    union all
    select place, words, at + 1 from signs_of where at < length(words)
  )
  select place, substr(words, at, 1), sum(1 << (at - 1))
  from signs_of
  group by place, substr(words, at, 1)
),
-- The letters of each word of the vocabulary in turn; a bit is set for each beginning of the typed word that may have been
-- read by then: with no slip, one or two, and in the middle of an exchange after none or one.
reading(place, size, word, found, most, at, none, one, two, turned, turned_again) as (
  select
    place,
    size,
    word,
    found,
    iif(substr(word, 1, 1) = substr(words, 1, 1) and size >= 8, 2, 1),
    0, 1, 0, 0, 0, 0
  from slips
  cross join search_words
  where (
      substr(word, 1, 1) = substr(words, 1, 1)
      and abs(length(word) - size) <= iif(size >= 8, 2, 1)
    )
    or (
      size >= 6
      and (
        substr(word, 2) in (words, substr(words, 2))
        or word = substr(words, 2)
        or word = substr(words, 2, 1) || substr(words, 1, 1) || substr(words, 3)
      )
    )
  union all
  select
    reading.place,
    size,
    word,
    found,
    most,
    at + 1,
    (none & coalesce(mask, 0)) << 1,
    (((one | (none << 1)) & coalesce(mask, 0)) << 1) | none | (none << 1) | ((turned & coalesce(mask, 0)) << 2),
    (((two | (one << 1) | (none << 2)) & coalesce(mask, 0)) << 1)
      | (one | (none << 1)) | ((one | (none << 1)) << 1) | ((turned_again & coalesce(mask, 0)) << 2),
    none & (coalesce(mask, 0) >> 1),
    (one | (none << 1)) & (coalesce(mask, 0) >> 1)
  from reading
  left join letters
    on letters.place = reading.place
    and letters.sign = substr(word, at + 1, 1)
  where at < length(word)
    and (none | one | turned | iif(most = 2, two | turned_again, 0)) <> 0
),
corrections(place, word, choice) as (
  select
    reading.place,
    word,
    row_number() over (
      partition by reading.place
      order by (((one | (none << 1)) >> size) & 1) desc, found desc, word
    )
  from reading
  where at = length(word)
    and ((((one | (none << 1)) >> size) & 1) or (most = 2 and (((two | (one << 1) | (none << 2)) >> size) & 1)))
    and (
      size > 4
      or (
        length(word) = 4
        and not exists (select 1 from letters where letters.place = reading.place and instr(word, sign) = 0)
      )
    )
),
read_words(place, words, typed, is_closed, is_stop, is_weak) as materialized (
  select
    checked.place,
    coalesce(corrections.word, checked.words),
    checked.words,
    checked.is_closed,
    words in (select word from stops),
    words in (select word from weak)
  from checked
  left join corrections
    on corrections.place = checked.place
    and corrections.choice = 1
),
-- From here on everything read so far is one row, which each step hands on with something more: SQLite compiles whatever it
-- refers to once for each reference, so that steps with several references to the one before would multiply.
state(words) as materialized (
  select
    json_group_array(
      json_object('place', place, 'words', words, 'typed', typed, 'is_closed', is_closed, 'is_stop', is_stop, 'is_weak', is_weak)
    )
  from (select * from read_words order by place)
),
-- Neighbouring words, up to eight, that are the name of a row.
named(words, names) as materialized (
  select
    words,
    (
      select
        json_group_array(
          json_object('first', run.first, 'last', run.last, 'words', run.words, 'id', id, 'is_title', is_title)
        )
      from (
        select
          json_extract(start.value, '$.place') as first,
          json_extract(finish.value, '$.place') as last,
          (
            select group_concat(word, ' ')
            from (
              select json_extract(value, '$.words') as word
              from json_each(state.words)
              where json_extract(value, '$.place')
                between json_extract(start.value, '$.place') and json_extract(finish.value, '$.place')
              order by json_extract(value, '$.place')
            )
          ) as words
        from json_each(state.words) as start
        join json_each(state.words) as finish
          on json_extract(finish.value, '$.place') - json_extract(start.value, '$.place') between 0 and 7
        where start.key <> finish.key
          or not (json_extract(start.value, '$.is_stop') or json_extract(start.value, '$.is_weak'))
      ) as run
      cross join search_names
      where search_names match '^"' || run.words || ' endofname"'
    )
  from state
),
-- A longer name hides those within it: chronic pain is not pain. But a question does not hide what it asks about.
named_longest(words, names) as materialized (
  select
    words,
    (
      select json_group_array(json(value))
      from json_each(named.names) as name
      where not exists (
        select 1
        from json_each(named.names) as longer
        where json_extract(longer.value, '$.first') <= json_extract(name.value, '$.first')
          and json_extract(longer.value, '$.last') >= json_extract(name.value, '$.last')
          and json_extract(longer.value, '$.last') - json_extract(longer.value, '$.first')
            > json_extract(name.value, '$.last') - json_extract(name.value, '$.first')
          and json_extract(longer.value, '$.is_title') <= json_extract(name.value, '$.is_title')
      )
    )
  from named
),
-- What rows must hold: each name, and each other word that is no stop word. A name finds what has the label of its row, and
-- the name of a type of claim its claims.
divided(words, names, units) as materialized (
  select
    words,
    names,
    (
      select
        json_group_array(
          json_object(
            'unit', unit, 'first', first, 'last', last, 'words', words,
            'phrase', iif(is_bonus, '', '"' || words || '"' || labels), 'types', types,
            'stems', iif(is_closed, '', '"' || words || '"' || labels), 'beginning', beginning,
            'side_by_side', iif(is_bonus, '"' || words || '"', ''),
            'id_word', '"' || replace(words, '-', '') || '"', 'is_named', is_named,
            'is_intent', is_intent and not is_named, 'is_weak', is_weak, 'is_bonus', is_bonus
          )
        )
      from (
        select
          json_extract(value, '$.first') * 100 + json_extract(value, '$.last') as unit,
          json_extract(value, '$.first') as first,
          json_extract(value, '$.last') as last,
          json_extract(value, '$.words') as words,
          coalesce(
            replace(
              group_concat(
                distinct iif(
                  kind in ('condition', 'route', 'adverse effect', 'concept'),
                  ' OR "' || replace(title, '"', '') || '"',
                  null
                )
              ),
              ', OR',
              ' OR'
            ),
            ''
          ) as labels,
          coalesce(
            replace(
              group_concat(distinct '"' || iif(kind in ('claim type', 'query'), nullif(type_words, ''), null) || '"'),
              ',',
              ' OR '
            ),
            ''
          ) as types,
          '' as beginning,
          max(kind in ('condition', 'route', 'adverse effect', 'concept', 'source', 'reference')) as is_named,
          max(kind in ('claim type', 'query', 'question')) as is_intent,
          0 as is_weak,
          0 as is_closed,
          0 as is_bonus
        from json_each(named_longest.names)
        cross join search_index on search_index.rowid = json_extract(value, '$.id')
        group by json_extract(value, '$.first'), json_extract(value, '$.last')
        union all
        select
          json_extract(value, '$.place') * 101,
          json_extract(value, '$.place'),
          json_extract(value, '$.place'),
          json_extract(value, '$.words'),
          '',
          '',
          iif(
            json_extract(value, '$.is_closed') or length(json_extract(value, '$.words')) < 3,
            '',
            '"' || json_extract(value, '$.words') || '" *'
          ),
          0,
          0,
          json_extract(value, '$.is_weak'),
          json_extract(value, '$.is_closed'),
          0
        from json_each(named_longest.words) as word
        where not json_extract(value, '$.is_stop')
          and not exists (
            select 1
            from json_each(named_longest.names) as name
            where json_extract(word.value, '$.place')
              between json_extract(name.value, '$.first') and json_extract(name.value, '$.last')
          )
        union all
        -- Rows where all the words stand side by side come before others.
        select 0, 0, 0, group_concat(json_extract(value, '$.words'), ' '), '', '', '', 0, 0, 1, 1, 1
        from json_each(named_longest.words)
        having count(*) > 1
      )
    )
  from named_longest
),
-- Each unit with the rows that have it. Where it stands in a name, a title or a statement, the row is about it; elsewhere the
-- row only holds it. Level 3 narrows; 2 leads to an answer; 1 is so common or so weak that it narrows only when nothing else
-- does; 0 stands nowhere. Rows must have what is of the highest level.
searched(words, names, found) as materialized (
  select
    words,
    names,
    (
      select
        json_array(json_group_array(
          json_set(
            unit,
            '$.level', level,
            '$.best', best,
            '$.is_required', level > 0 and level = highest
          )
        ), json_group_array(json(hits)))
      from (
        select *, max(level) over () as highest
        from (
          select
            unit.key as place,
            unit.value as unit,
            case
              when found.size is null or json_extract(unit.value, '$.is_bonus') then 0
              when json_extract(unit.value, '$.is_intent') then 2
              when json_extract(unit.value, '$.is_weak') or found.size * 4 > (select max(rowid) from search_index) then 1
              else 3
            end as level,
            iif(json_extract(unit.value, '$.is_bonus'), 0, coalesce(found.best, 0)) as best,
            coalesce(found.hits, '[]') as hits
          from json_each(divided.units) as unit
          left join (
            select
              unit,
              count(*) as size,
              max(strength) as best,
              json_group_array(json_array(id, is_about, strength)) as hits
            from (
              select unit, id, max(is_about) as is_about, max(strength) as strength
              from (
                select
                  unit.key as unit,
                  search_index.rowid as id,
                  reading.is_about,
                  -bm25(search_index) * reading.weight as strength
                from json_each(divided.units) as unit
                cross join (
                  select '{title names asked_names} : (' as columns, '$.phrase' as part, 1 as is_about, 1.0 as weight
                  union all
                  select 'id_word : (', '$.id_word', 1, 1.0
                  union all
                  select '{title text} : (', '$.side_by_side', 1, 0.5
                  union all
                  select '{title names asked_names} : (', '$.beginning', 1, 0.5
                  union all
                  select '{text notes} : (', '$.phrase', 0, 0.4
                  union all
                  select '{text notes} : (', '$.beginning', 0, 0.2
                  union all
                  select 'type_words : (', '$.types', 1, 1.0
                  union all
                  select 'answered_by : (', '$.types', 0, 1.0
                ) as reading
                cross join search_index
                where json_extract(unit.value, reading.part) <> ''
                  and search_index match reading.columns || json_extract(unit.value, reading.part) || ')'
                union all
                select
                  unit.key,
                  search_stems.rowid,
                  reading.is_about,
                  -bm25(search_stems) * reading.weight
                from json_each(divided.units) as unit
                cross join (
                  select '{title names asked_names} : (' as columns, 1 as is_about, 0.8 as weight
                  union all
                  select '{text notes} : (', 0, 0.3
                ) as reading
                cross join search_stems
                where json_extract(unit.value, '$.stems') <> ''
                  and search_stems match reading.columns || json_extract(unit.value, '$.stems') || ')'
                union all
                -- A row whose name is kept apart from the index, such as a form of its identifier.
                select unit.key, json_extract(name.value, '$.id'), 1, 0.001
                from json_each(divided.units) as unit
                cross join json_each(divided.names) as name
                where json_extract(name.value, '$.first') = json_extract(unit.value, '$.first')
                  and json_extract(name.value, '$.last') = json_extract(unit.value, '$.last')
              )
              group by unit, id
            )
            group by unit
          ) as found
            on found.unit = unit.key
        )
        order by place
      )
    )
  from divided
),
-- Apart, so that what is said of a unit is read without its rows.
parted(words, names, units, hits) as materialized (
  select words, names, json_extract(found, '$[0]'), json_extract(found, '$[1]') from searched
),
-- The row that has most of what is required, names first, and the rows that bear a typed name, by its length.
leading(words, units, hits, best_row, bearers) as materialized (
  select
    words,
    units,
    hits,
    (
      select json_extract(hit.value, '$[0]')
      from json_each(parted.units) as unit
      cross join json_each(parted.hits, '$[' || unit.key || ']') as hit
      where json_extract(unit.value, '$.is_required')
      group by json_extract(hit.value, '$[0]')
      order by
        sum(json_extract(unit.value, '$.best') * (1 + json_extract(unit.value, '$.is_named'))) desc,
        sum(json_extract(hit.value, '$[1]')) desc,
        sum(json_extract(hit.value, '$[2]')) desc,
        json_extract(hit.value, '$[0]')
      limit 1
    ),
    (
      select json_group_array(json_object('id', id, 'size', size))
      from (
        select
          json_extract(name.value, '$.id') as id,
          max(
            (json_extract(name.value, '$.last') - json_extract(name.value, '$.first') + 1) * 1000
            - json_extract(name.value, '$.first')
          ) as size
        from json_each(parted.names) as name
        cross join json_each(parted.units) as unit
        where json_extract(unit.value, '$.first') = json_extract(name.value, '$.first')
          and json_extract(unit.value, '$.last') = json_extract(name.value, '$.last')
          and (json_extract(unit.value, '$.is_intent') or json_extract(unit.value, '$.is_required'))
        group by json_extract(name.value, '$.id')
      )
    )
  from parted
),
-- What that row has of what is required is kept; what it lacks is dropped.
kept(words, units, hits, bearers) as materialized (
  select
    words,
    (
      select
        json_group_array(
          json_set(
            value,
            '$.is_kept',
            json_extract(value, '$.is_required')
              and exists (
                select 1
                from json_each(leading.hits, '$[' || unit.key || ']') as hit
                where json_extract(hit.value, '$[0]') = leading.best_row
              )
          )
        )
      from json_each(leading.units) as unit
    ),
    hits,
    bearers
  from leading
),
-- How much there is to have, which words to mark, and what to say of words that were corrected, stand nowhere or were dropped.
-- A correction that did not help is none: the word as typed stands nowhere.
summarised(units, hits, bearers, kept, wanted, is_specific, marked, corrected, missing, dropped) as materialized (
  select
    units,
    hits,
    bearers,
    (select sum(json_extract(value, '$.is_kept')) from json_each(kept.units)),
    (select sum(json_extract(value, '$.best')) from json_each(kept.units) where json_extract(value, '$.is_required')),
    (select max(json_extract(value, '$.level') <> 2) from json_each(kept.units) where json_extract(value, '$.is_required')),
    (
      select
        group_concat(
          '(' || json_extract(value, '$.phrase') || coalesce(' OR ' || nullif(json_extract(value, '$.beginning'), ''), '') || ')',
          ' OR '
        )
      from json_each(kept.units)
      where json_extract(value, '$.level') > 1
        or json_extract(value, '$.is_kept')
    ),
    (
      select group_concat(json_extract(word.value, '$.typed') || ': ' || json_extract(word.value, '$.words'), '; ')
      from json_each(kept.words) as word
      where json_extract(word.value, '$.typed') <> json_extract(word.value, '$.words')
        and not exists (
          select 1
          from json_each(kept.units) as unit
          where json_extract(unit.value, '$.unit') = json_extract(word.value, '$.place') * 101
            and json_extract(unit.value, '$.level') = 3
            and not json_extract(unit.value, '$.is_kept')
            and not json_extract(unit.value, '$.is_named')
        )
    ),
    (
      select
        group_concat(
          coalesce(
            (
              select json_extract(word.value, '$.typed')
              from json_each(kept.words) as word
              where json_extract(word.value, '$.place') * 101 = json_extract(unit.value, '$.unit')
            ),
            json_extract(unit.value, '$.words')
          ),
          '; '
        )
      from json_each(kept.units) as unit
      where not json_extract(unit.value, '$.is_weak')
        and (
          json_extract(unit.value, '$.level') = 0
          or (
            json_extract(unit.value, '$.level') = 3
            and not json_extract(unit.value, '$.is_kept')
            and not json_extract(unit.value, '$.is_named')
            and exists (
              select 1
              from json_each(kept.words) as word
              where json_extract(word.value, '$.place') * 101 = json_extract(unit.value, '$.unit')
                and json_extract(word.value, '$.typed') <> json_extract(word.value, '$.words')
            )
          )
        )
    ),
    (
      select group_concat(json_extract(unit.value, '$.words'), '; ')
      from json_each(kept.units) as unit
      where json_extract(unit.value, '$.level') = 3
        and not json_extract(unit.value, '$.is_kept')
        and (
          json_extract(unit.value, '$.is_named')
          or not exists (
            select 1
            from json_each(kept.words) as word
            where json_extract(word.value, '$.place') * 101 = json_extract(unit.value, '$.unit')
              and json_extract(word.value, '$.typed') <> json_extract(word.value, '$.words')
          )
        )
    )
  from kept
),
-- Each row with how much of what is kept it has and is about, and how well; and the longest typed name that it bears. What is
-- so common that it narrows nothing does not rank either.
matched(id, kept, about, strength, wanted, answering, is_candidate, size, summary) as materialized (
  select
    id,
    sum(is_kept),
    sum(is_about and is_kept),
    sum(strength),
    sum(iif(is_about and is_required, best, 0)),
    sum(iif(is_about, best * length, best * 0.3)),
    max(is_about and is_required and not is_named),
    (
      select json_extract(value, '$.size')
      from json_each(hit.bearers)
      where json_extract(value, '$.id') = hit.id
    ),
    summary
  from (
    select
      json_extract(unit.value, '$.is_kept') as is_kept,
      json_extract(unit.value, '$.is_required') as is_required,
      json_extract(unit.value, '$.is_named') as is_named,
      json_extract(unit.value, '$.best') as best,
      json_extract(unit.value, '$.last') - json_extract(unit.value, '$.first') + 1 as length,
      json_extract(hit.value, '$[0]') as id,
      json_extract(hit.value, '$[1]') as is_about,
      json_extract(hit.value, '$[2]') as strength,
      summarised.bearers,
      json_object(
        'kept', kept, 'wanted', wanted, 'is_specific', is_specific, 'marked', marked,
        'corrected', corrected, 'missing', missing, 'dropped', dropped
      ) as summary
    from summarised
    cross join json_each(summarised.units) as unit
    cross join json_each(summarised.hits, '$[' || unit.key || ']') as hit
    where json_extract(unit.value, '$.is_required')
      or json_extract(unit.value, '$.level') > 1
      or json_extract(unit.value, '$.is_weak')
  ) as hit
  group by id
),
judged(id, kind, row_id, tier, is_named, rank, summary) as materialized (
  select
    matched.id,
    kind,
    row_id,
    case
      when kind in ('question', 'query', 'claim type') then 2
      when size is not null or kind in ('condition', 'route', 'adverse effect', 'concept') then 1
      when kind = 'claim' and about = json_extract(summary, '$.kept') then 3
      when kind = 'claim' then 4
      when kind = 'passage' then 5
      else 6
    end,
    size is not null,
    -- An answer to all that was asked comes before one to a part of it, and a long name says more of what was asked than a short one.
    iif(
      kind in ('question', 'query', 'claim type'),
      answering * 1e6 + coalesce(size, 0) * 10.0,
      coalesce(size, 0) * 1000.0 + wanted * 100 + about * 10
    ) + strength,
    summary
  from matched
  -- Not a plain join, lest SQLite read the whole index first.
  cross join search_index on search_index.rowid = matched.id
  where size is not null
    or (
      kept = json_extract(summary, '$.kept')
      and (json_extract(summary, '$.is_specific') or kind not in ('question', 'query', 'claim type'))
    )
    or (wanted * 2 >= json_extract(summary, '$.wanted') and kind in ('question', 'query', 'claim type'))
    or (is_candidate and kind in ('condition', 'route', 'adverse effect', 'concept'))
),
-- Claims of one passage stand together, where the best of them does.
placed(id, kind, passage_id, tier, is_named, rank, summary, of_passage) as materialized (
  select
    judged.id,
    judged.kind,
    claims.passage_id,
    tier,
    is_named,
    rank,
    summary,
    max(rank) over (partition by tier, coalesce(claims.passage_id, judged.id))
  from judged
  left join claims
    on judged.kind = 'claim'
    and claims.claim_id = judged.row_id
  where coalesce(:kind, '') in ('', judged.kind)
),
-- Pages and answers take turns, what bears a typed name first; then claims, passages, and references with sources.
ordered(id, passage_id, tier, summary, place, place_in_kind, found) as materialized (
  select
    id,
    passage_id,
    tier,
    summary,
    row_number() over (order by iif(tier < 3, place_in_tier, 1e9), iif(tier < 3, not is_named, 0), tier, place_in_tier),
    row_number() over (partition by kind order by tier, place_in_tier),
    count(*) over (partition by kind)
  from (
    select
      *,
      row_number() over (partition by tier order by of_passage desc, passage_id, rank desc, id) as place_in_tier
    from placed
  )
),
best(id, passage_id, tier, summary, place, found) as materialized (
  select id, passage_id, tier, summary, place, found
  from ordered
  where place_in_kind <= iif(coalesce(:kind, '') = '', 25, 200)
)
select
  search_index.kind,
  coalesce(
    -- A row that bears a name kept apart from the index has nothing to mark.
    iif(search_stems.rowid is null, null, nullif(highlight(search_stems, 3, '⟦', '⟧'), '')),
    nullif(search_index.title, ''),
    search_index.kind
  ) as title,
  coalesce(
    nullif(search_index.answer, ''),
    iif(search_stems.rowid is null, null, snippet(search_stems, 6, '⟦', '⟧', '…', 40)),
    search_index.text
  ) as snippet,
  iif(
    search_stems.rowid is not null and instr(snippet(search_stems, 4, '⟦', '⟧', '…', 12), '⟦') > 0,
    snippet(search_stems, 4, '⟦', '⟧', '…', 12),
    null
  ) as names,
  iif(
    search_stems.rowid is not null and instr(snippet(search_stems, 5, '⟦', '⟧', '…', 12), '⟦') > 0,
    snippet(search_stems, 5, '⟦', '⟧', '…', 12),
    null
  ) as asked,
  iif(
    search_stems.rowid is not null and instr(snippet(search_stems, 7, '⟦', '⟧', '…', 12), '⟦') > 0,
    snippet(search_stems, 7, '⟦', '⟧', '…', 12),
    null
  ) as notes,
  sources.short_name as source,
  search_index.row_id,
  best.found,
  best.passage_id,
  case best.tier
    when 3 then 'claims'
    when 4 then 'mentions'
    when 5 then 'passages'
    when 6 then 'references'
    else 'pages'
  end as section,
  json_extract(best.summary, '$.corrected') as corrected,
  json_extract(best.summary, '$.missing') as missing,
  json_extract(best.summary, '$.dropped') as dropped
from best
cross join search_index on search_index.rowid = best.id
left join search_stems
  on search_stems.rowid = best.id
  and search_stems match json_extract(best.summary, '$.marked')
left join sources on sources.source_id = search_index.source_id
order by best.place
