-- Where do commercials and television pay what? From the public release, each day weighted by its roles.
with released as (
    select * from {{ ref("pulse_release") }}
)

select
    released.region_code,
    released.proj_type_code,
    count(*) as day_count,
    sum(released.role_count_day)::bigint as role_count,
    round(sum(released.median_rate_day_usd * released.role_count_day) / sum(released.role_count_day)) as mean_median_rate_usd,
    round(sum(released.union_share_pct_day * released.role_count_day) / sum(released.role_count_day), 1) as union_share_pct
from released
where released.median_rate_day_usd is not null
group by released.region_code, released.proj_type_code
having count(*) >= 3
order by role_count desc, released.region_code asc
limit 6
