-- lower + equal never exceeds the window, and the window is as large as the rows it has: percentiles are computed from these three.
with history as (
    select * from {{ ref("score_history") }}
)

select
    history.computed_at_batch,
    history.industry,
    count(*) as row_count,
    max(history.window_count) as window_count
from history
group by history.computed_at_batch, history.industry
having
    min(history.window_count) <> count(*)
    or max(history.window_count) <> count(*)
    or max(history.lower_count + history.equal_count) <> count(*)
    or min(history.lower_count) <> 0
