with judged as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

-- Without the theme: it is looked for in free texts, and nobody reads a list of those.
written as (
    {%- for field, column in matched_columns() if field != "theme" %}
        select
            notices.notice_id,
            '{{ field }}' as field,
            notices.{{ column }} as value
        from notices
        where notices.{{ column }} is not null
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

matched as (
    select * from {{ ref("int_pulse__match_values") }}
),

seen as (
    select
        judged.notice_id,
        sum(judged.view_count) as row_count,
        min(judged.posted_at) as first_seen_at,
        max(judged.posted_at) as last_seen_at
    from judged
    group by judged.notice_id
),

counted as (
    select
        written.field,
        written.value,
        sum(seen.row_count) as row_count,
        min(seen.first_seen_at) as first_seen_at,
        max(seen.last_seen_at) as last_seen_at
    from written
    inner join seen
        on written.notice_id = seen.notice_id
    group by written.field, written.value
),

final as (
    select
        counted.field::string as field,
        counted.value::string as value,
        matched.code::string as code,
        matched.pattern::string as pattern,
        matched.runner_up::string as runner_up,
        counted.row_count::bigint as row_count,
        counted.first_seen_at::timestamp as first_seen_at,
        counted.last_seen_at::timestamp as last_seen_at,
        coalesce(matched.is_tied, false)::boolean as is_tied
    from counted
    left join matched
        on counted.field = matched.field and counted.value = matched.value
)

select * from final
