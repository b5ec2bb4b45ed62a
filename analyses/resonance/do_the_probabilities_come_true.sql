-- Of films given about this probability, how many did it? On years no choice was made on.
with curves as (
    select * from {{ ref("model_curves") }}
),

runs as (
    select * from {{ ref("model_runs") }}
),

newest as (
    select max_by(runs.model_run_id, runs.trained_at) as model_run_id
    from runs
)

select
    round(curves.x, 2) as said,
    round(curves.y, 2) as happened,
    curves.row_count
from curves
inner join newest
    on curves.model_run_id = newest.model_run_id
where
    curves.split = 'holdout' and curves.curve = 'reliability' and curves.model = 'actor_head_platt'
    and curves.label = 'high_resonance'
order by curves.position
