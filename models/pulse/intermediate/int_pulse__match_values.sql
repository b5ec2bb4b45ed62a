-- Distinct values only: a million rows hold a few thousand ways to write a place.
with written as (
    select * from {{ ref("int_pulse__written_values") }}
),

patterns as (
    select * from {{ ref("stg_pulse__patterns") }}
),

field_values as (
    select
        written.field,
        written.value
    from written
    group by written.field, written.value
),

folded as (
    select
        field_values.field,
        field_values.value,
        {{ words_of("field_values.value") }} as words
    from field_values
),

-- Most texts do not name the theme: only those that do are taken apart.
worded as (
    select
        folded.field,
        folded.value,
        string_split(trim(folded.words), ' ') as words
    from folded
    where folded.field <> 'theme' or exists (
        select 1 from patterns where patterns.field = 'theme' and contains(folded.words, ' ' || patterns.pattern || ' ')
    )
),

starts as (
    select
        worded.*,
        unnest(range(1, len(worded.words) + 1)) as start
    from worded
),

phrases as (
    select
        starts.field,
        starts.value,
        starts.start,
        lengths.word_count,
        array_to_string(starts.words[starts.start:starts.start + lengths.word_count - 1], ' ') as phrase
    from starts
    inner join (select distinct field, word_count from patterns) as lengths
        on starts.field = lengths.field and starts.start + lengths.word_count - 1 <= len(starts.words)
),

matches as (
    select
        phrases.*,
        patterns.code,
        patterns.priority
    from phrases
    inner join patterns
        on phrases.field = patterns.field and phrases.phrase = patterns.pattern
),

-- What lies inside a longer match does not count: the union of non union, the hollywood of hollywood fl.
ranked as (
    select
        matches.*,
        row_number() over best as rank,
        max(matches.priority) over best as top_priority,
        first_value(matches.code) over best as top_code
    from matches
    where not exists (
        select 1 from matches as longer
        where
            matches.field = longer.field
            and matches.value = longer.value
            and matches.word_count < longer.word_count
            and matches.start between longer.start and longer.start + longer.word_count - matches.word_count
    )
    window best as (
        partition by matches.field, matches.value
        order by matches.priority desc nulls last, length(matches.phrase) desc nulls last, matches.phrase asc nulls last, matches.start asc nulls last
    )
),

verdicts as (
    select
        ranked.field,
        ranked.value,
        any_value(ranked.top_code) as code,
        count(distinct ranked.code) filter (where ranked.priority = ranked.top_priority) as equal_count,
        min(ranked.phrase) filter (where ranked.rank = 1) as pattern,
        min_by(ranked.phrase, ranked.rank) filter (where ranked.code <> ranked.top_code) as runner_up
    from ranked
    group by ranked.field, ranked.value
),

final as (
    select
        worded.field,
        worded.value,
        case
            when verdicts.equal_count > 1 and worded.field = 'place' then 'MULTI'
            when verdicts.equal_count > 1 and worded.field = 'union' then 'both'
            else verdicts.code
        end as code,
        verdicts.pattern,
        verdicts.runner_up
    from worded
    left join verdicts
        on worded.field = verdicts.field and worded.value = verdicts.value
)

select * from final
