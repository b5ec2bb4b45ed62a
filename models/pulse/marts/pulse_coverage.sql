{{ config(materialized="view") }}

with logged as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
),

summed as (
    select
        logged.privacy_mode,
        min(logged.date_utc) as first_on,
        max(logged.date_utc) as last_on,
        sum(logged.row_count) as row_count,
        sum(logged.row_count) filter (where logged.suppression_reason is null) as published_row_count
    from logged
    group by logged.privacy_mode
),

final as (
    select
        summed.privacy_mode::string as privacy_mode,
        summed.first_on::date as first_on,
        summed.last_on::date as last_on,
        -- From a finer share, or one of fewer rows, a small bucket could be subtracted: one step is at least a hundred rows.
        case
            when summed.row_count >= 2000 then 5 * round(20 * coalesce(summed.published_row_count, 0) / summed.row_count)
        end::bigint as published_row_pct
    from summed
)

select * from final
