-- What did `scores` look like right after batch 12? The latest percentile each asset had by then.
with history as (
    select
        history.*,
        row_number() over (
            partition by history.id
            order by history.computed_at_batch desc nulls last
        ) as recency
    from {{ ref("score_history") }} as history
    where history.computed_at_batch <= 12
)

select
    history.industry,
    count(*) as asset_count,
    round(avg(history.percentile), 2) as mean_percentile,
    round(max(history.score), 4) as highest_score
from history
where history.recency = 1
group by history.industry
order by history.industry
