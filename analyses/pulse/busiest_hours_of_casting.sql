-- When in the day (UTC) are notices looked at? Exact, hence for inside the house.
with hourly as (
    select * from {{ ref("pulse_hourly") }}
)

select
    hour(hourly.hour_at) as hour_utc,
    sum(hourly.role_count)::bigint as row_count,
    round(100 * sum(hourly.role_count) / sum(sum(hourly.role_count)) over (), 1) as share_pct
from hourly
group by hour(hourly.hour_at)
order by row_count desc, hour_utc asc
limit 5
