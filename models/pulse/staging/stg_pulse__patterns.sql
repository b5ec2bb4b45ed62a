with patterns as (
    {%- for field, seed in pattern_seeds().items() %}
    {%- for name in [seed, seed ~ "_local"] %}
    select
        '{{ field }}' as field,
        seed.pattern,
        seed.code,
        seed.priority
    from {{ ref(name) }} as seed
    {{ "union all" if not loop.last }}
    {%- endfor %}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

worded as (
    select
        patterns.field,
        patterns.pattern,
        trim({{ words_of("patterns.pattern") }}) as words,
        trim(patterns.code) as code,
        patterns.priority
    from patterns
),

final as (
    select
        worded.field,
        worded.words as pattern,
        worded.code,
        worded.priority,
        len(string_split(worded.words, ' ')) as word_count
    from worded
    where worded.words <> ''
    -- A person's own pattern and ours may be the same words: the higher priority counts, then theirs would tie, and the code decides.
    qualify row_number() over (
        partition by worded.field, worded.words
        order by worded.priority desc nulls last, worded.code asc nulls last, worded.pattern asc nulls last
    ) = 1
)

select * from final
