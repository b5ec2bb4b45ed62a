-- The hourly cut and the daily one are made of the same rows: what a day holds is what its hours hold.
with hourly as (
    select * from {{ ref("pulse_hourly") }}
),

daily as (
    select * from {{ ref("pulse_daily") }}
),

summed as (
    select
        hourly.hour_at::date as date_utc,
        hourly.region_code,
        hourly.proj_type_code,
        sum(hourly.role_count) as role_count
    from hourly
    group by hourly.hour_at::date, hourly.region_code, hourly.proj_type_code
)

select
    daily.date_utc,
    daily.region_code,
    daily.proj_type_code,
    daily.role_count_day,
    summed.role_count
from daily
full outer join summed
    on
        daily.date_utc = summed.date_utc
        and daily.region_code = summed.region_code
        and daily.proj_type_code = summed.proj_type_code
where daily.role_count_day is distinct from summed.role_count
