-- Since when is each industry away from its baseline, and how far is it now? Null: it is not.
with drift as (
    select
        score_drift.*,
        max(score_drift.iteration) over (partition by score_drift.industry) as newest_iteration,
        coalesce(max(score_drift.iteration) filter (where score_drift.level = 'ok') over (partition by score_drift.industry), 0) as last_ok
    from {{ ref("score_drift") }} as score_drift
)

select
    drift.industry,
    arg_max(drift.level, drift.iteration) as level_now,
    min(drift.iteration) filter (where drift.iteration > drift.last_ok) as drifting_since,
    round(arg_max(drift.strength, drift.iteration), 1) as strength_now,
    round(arg_max(drift.cohens_d, drift.iteration), 2) as deviations_now,
    round(arg_max(drift.trend_per_batch, drift.iteration), 4) as trend_per_batch
from drift
group by drift.industry
order by drift.industry
