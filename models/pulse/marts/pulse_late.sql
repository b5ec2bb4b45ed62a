{{ config(materialized="view") }}

with daily as (
    select * from {{ ref("pulse_daily") }}
),

log as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
),

released_days as (
    select distinct log.date_utc from log
),

current_buckets as (
    select daily.*
    from daily
    inner join released_days
        on daily.date_utc = released_days.date_utc
),

compared as (
    select
        coalesce(log.date_utc, current_buckets.date_utc) as date_utc,
        coalesce(log.region_code, current_buckets.region_code) as region_code,
        coalesce(log.proj_type_code, current_buckets.proj_type_code) as proj_type_code,
        coalesce(log.row_count, 0) as released_row_count,
        coalesce(current_buckets.role_count_day, 0) as current_row_count
    from log
    full outer join current_buckets
        on
            log.date_utc = current_buckets.date_utc
            and log.region_code = current_buckets.region_code
            and log.proj_type_code = current_buckets.proj_type_code
),

final as (
    select
        compared.date_utc::date as date_utc,
        compared.region_code::string as region_code,
        compared.proj_type_code::string as proj_type_code,
        compared.released_row_count::bigint as released_row_count,
        compared.current_row_count::bigint as current_row_count,
        (compared.current_row_count - compared.released_row_count)::bigint as late_row_count
    from compared
    where compared.current_row_count <> compared.released_row_count
)

select * from final
