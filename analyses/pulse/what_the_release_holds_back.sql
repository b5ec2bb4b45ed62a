-- How much is published, and what is held back for which reason? Exact, hence for inside the house.
with log as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
)

select
    coalesce(log.suppression_reason, 'published') as outcome,
    count(*) as bucket_count,
    sum(log.row_count)::bigint as row_count,
    round(100 * sum(log.row_count) / sum(sum(log.row_count)) over (), 1) as row_share_pct
from log
group by log.suppression_reason
order by row_count desc, outcome asc
