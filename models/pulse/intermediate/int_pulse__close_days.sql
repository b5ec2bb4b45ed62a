-- A day is closed by later days that together hold at least 20 rows or 5 % of it: a few rows with a wrong date must not freeze a day that
-- is still filling. Five at least, because 5 % of a day that has just begun is one row.
{% set open_days = whole_number_var("pulse_open_days", 0) %}
{{ config(materialized="view") }}

with daily as (
    select * from {{ ref("pulse_daily") }}
),

released as (
    select distinct date_utc from {{ ref("release_log") }}
    where reopened_at is null
),

days as (
    select
        daily.date_utc,
        sum(daily.role_count_day) as row_count
    from daily
    group by daily.date_utc
),

passed as (
    select
        days.date_utc,
        sum(later_days.row_count) as later_row_count
    from days
    inner join days as later_days
        on later_days.date_utc >= days.date_utc + {{ open_days }}
    group by days.date_utc
),

final as (
    select days.date_utc
    from days
    inner join passed
        on days.date_utc = passed.date_utc
    left join released
        on days.date_utc = released.date_utc
    where
        released.date_utc is null
        and ({{ open_days }} = 0 or passed.later_row_count >= least(20, greatest(5, 0.05 * days.row_count)))
)

select * from final
