-- Ties share their rank, so that the mean over a window is exactly 50, whatever the scores. A window off 50 has lost or doubled rows.
with history as (
    select * from {{ ref("score_history") }}
)

select
    history.computed_at_batch,
    history.industry,
    avg(history.percentile) as mean_percentile
from history
where '{{ var("percentiles_method") }}' = 'mid_rank'
group by history.computed_at_batch, history.industry
having abs(avg(history.percentile) - 50) > 1e-9
