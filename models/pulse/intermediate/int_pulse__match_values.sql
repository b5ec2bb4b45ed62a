with written as (
    {%- for field, column in matched_columns() if field != "place" %}
        select
            '{{ field }}' as field,
            notices.{{ column }} as value
        from {{ ref("stg_pulse__notices") }} as notices
        where {{ may_match("notices." ~ column, "theme") if field == "theme" else "notices." ~ column ~ " is not null" }}
        {{ "union distinct" if not loop.last }}
    {%- endfor %}
),

folded as (
    select
        written.*,
        {{ words_of("written.value") }} as words
    from written
),

-- Most texts do not name the theme: only those that do are taken apart.
worded as (
    select
        folded.field,
        folded.value,
        split(trim(folded.words), ' ') as words
    from folded
    where
        folded.field <> 'theme'
        or exists (
            select 1 from {{ ref("stg_pulse__patterns") }} as patterns
            where patterns.field = 'theme' and contains(folded.words, ' ' || patterns.pattern || ' ')
        )
),

starts as (
    select
        worded.*,
        {{ exploded(positions_of("worded.words")) }} as first_word
    from worded
),

matches as (
    select
        starts.field,
        starts.value,
        starts.first_word,
        patterns.word_count,
        patterns.pattern,
        patterns.code,
        patterns.priority
    from starts
    inner join {{ ref("stg_pulse__patterns") }} as patterns
        on
            starts.field = patterns.field
            and {{ phrase("starts.words", "starts.first_word", "1") }} = split_part(patterns.pattern, ' ', 1)
            and {{ phrase("starts.words", "starts.first_word", "patterns.word_count") }} = patterns.pattern
),

-- What lies inside a longer match does not count: the union of non union, the hollywood of hollywood fl.
ranked as (
    select
        matches.*,
        row_number() over best as ordinal,
        max(matches.priority) over best as top_priority,
        case when matches.code <> first_value(matches.code) over best then matches.pattern end as other_pattern
    from matches
    where
        not exists (
            select 1 from matches as longer
            where
                matches.field = longer.field
                and matches.value = longer.value
                and matches.word_count < longer.word_count
                and matches.first_word between longer.first_word and longer.first_word + longer.word_count - matches.word_count
        )
    window best as (
        partition by matches.field, matches.value
        order by
            matches.priority desc nulls last, length(matches.pattern) desc nulls last,
            matches.pattern asc nulls last, matches.first_word asc nulls last
    )
),

verdicts as (
    select
        ranked.field,
        ranked.value,
        min(ranked.code) filter (where ranked.ordinal = 1) as code,
        count(distinct ranked.code) filter (where ranked.priority = ranked.top_priority) as equal_count,
        min(ranked.pattern) filter (where ranked.ordinal = 1) as pattern,
        substr(min(lpad(ranked.ordinal::string, 9, '0') || ranked.other_pattern), 10) as runner_up
    from ranked
    group by ranked.field, ranked.value
),

final as (
    select
        worded.field,
        worded.value,
        case when verdicts.equal_count > 1 and worded.field = 'union' then 'both' else verdicts.code end as code,
        verdicts.pattern,
        verdicts.runner_up,
        false as is_tied
    from worded
    left join verdicts
        on worded.field = verdicts.field and worded.value = verdicts.value
    union all
    select
        'place' as field,
        places.value,
        places.code,
        places.pattern,
        places.runner_up,
        places.is_tied
    from {{ ref("int_pulse__match_places") }} as places
)

select * from final
