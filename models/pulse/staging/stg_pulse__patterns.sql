{{ config(materialized="table") }}

with patterns as (
    {%- for field, seed in {
        "place": "region_patterns", "project_type": "project_type_patterns", "role_type": "role_type_patterns",
        "union": "union_patterns", "theme": "theme_terms",
    }.items() %}
        select
            '{{ field }}' as field,
            seed.is_own,
            seed.pattern,
            seed.code,
            seed.priority
        from {{ configured_seed(seed, ["pattern", "code", "priority"]) }} as seed
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

worded as (
    select
        patterns.field,
        patterns.is_own,
        patterns.pattern,
        trim({{ words_of("patterns.pattern") }}) as words,
        trim(patterns.code) as code,
        patterns.priority
    from patterns
),

final as (
    select
        worded.field,
        worded.is_own,
        worded.words as pattern,
        worded.code,
        worded.priority,
        length(worded.words) - length(replace(worded.words, ' ', '')) + 1 as word_count
    from worded
    where worded.words <> ''
    -- Of the same words a person's own pattern counts.
    qualify row_number() over (
        partition by worded.field, worded.words
        order by worded.is_own desc nulls last, worded.priority desc nulls last, worded.code asc nulls last, worded.pattern asc nulls last
    ) = 1
)

select * from final
