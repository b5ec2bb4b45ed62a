-- Within a window a higher score never has a lower percentile, and equal scores have equal ones: the promise clients compare assets by.
with history as (
    select * from {{ ref("score_history") }}
),

by_score as (
    select
        history.computed_at_batch,
        history.industry,
        history.score,
        min(history.percentile) as lowest,
        max(history.percentile) as highest
    from history
    group by history.computed_at_batch, history.industry, history.score
),

with_next as (
    select
        by_score.*,
        lead(by_score.lowest) over (
            partition by by_score.computed_at_batch, by_score.industry
            order by by_score.score nulls last
        ) as next_lowest
    from by_score
)

select
    with_next.computed_at_batch,
    with_next.industry,
    with_next.score
from with_next
where with_next.lowest <> with_next.highest or with_next.next_lowest < with_next.highest
