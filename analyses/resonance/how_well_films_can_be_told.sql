-- How well can a film be told beforehand? On years no choice was made on, beside what anybody could do without a model.
with metrics as (
    select * from {{ ref("model_metrics") }}
),

runs as (
    select * from {{ ref("model_runs") }}
),

newest as (
    select max_by(runs.model_run_id, runs.trained_at) as model_run_id
    from runs
)

select
    metrics.label,
    metrics.model,
    round(metrics.value, 3) as auroc,
    round(metrics.low, 3) as low,
    round(metrics.high, 3) as high
from metrics
inner join newest
    on metrics.model_run_id = newest.model_run_id
where
    metrics.split = 'holdout' and metrics.slice = 'all' and metrics.metric = 'auroc'
    and metrics.model in ('actor_head_platt', 'director_past_mean', 'actor_past_mean', 'raw_budget')
order by metrics.label asc, metrics.value desc
