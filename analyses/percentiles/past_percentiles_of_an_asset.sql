-- What percentiles has one asset had, and how did its window change around it?
select
    history.computed_at_batch,
    history.age,
    history.score,
    history.lower_count,
    history.window_count,
    round(history.percentile, 1) as percentile
from {{ ref("score_history") }} as history
where history.id = '01K7XVRGQR4EQ2M5Y7MB7R2VAH'
order by history.computed_at_batch
