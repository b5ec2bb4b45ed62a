-- Which assets' percentiles changed most between the first and the last they had?
with history as (
    select * from {{ ref("score_history") }}
),

spans as (
    select
        history.id,
        history.industry,
        min(history.computed_at_batch) as first_batch,
        max(history.computed_at_batch) as last_batch
    from history
    group by history.id, history.industry
)

select
    spans.id,
    spans.industry,
    spans.first_batch,
    round(first_rows.percentile, 1) as first_percentile,
    round(last_rows.percentile, 1) as last_percentile,
    round(last_rows.percentile - first_rows.percentile, 1) as moved
from spans
inner join history as first_rows
    on
        spans.id = first_rows.id
        and spans.first_batch = first_rows.computed_at_batch
inner join history as last_rows
    on
        spans.id = last_rows.id
        and spans.last_batch = last_rows.computed_at_batch
order by abs(last_rows.percentile - first_rows.percentile) desc, spans.id asc
limit 5
