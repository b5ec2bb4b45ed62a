-- What stood out in the newest week of the public release?
with trends as (
    select * from {{ ref("pulse_trends") }}
    where finding is not null
)

select
    trends.week_on,
    trends.region_code,
    trends.proj_type_code,
    trends.finding,
    round(trends.trailing_median, 1) as usual,
    round(trends.week_value, 1) as this_week,
    trends.robust_z
from trends
order by trends.week_on desc, abs(trends.robust_z) desc, trends.region_code asc
limit 8
