-- How fast do the tables grow, and how many batches are left until the limit?
select
    growth.table_name,
    growth.row_count,
    growth.rows_per_batch
from {{ ref("table_growth") }} as growth
where growth.table_name in ('latest_scores', 'score_history', 'percentile_curve')
order by growth.table_name
