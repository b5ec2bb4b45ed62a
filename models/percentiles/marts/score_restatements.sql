{{ config(materialized="view") }}

with superseded as (
    select * from {{ ref("score_history_superseded") }}
),

final as (
    select
        superseded.computed_at_batch as iteration,
        superseded.superseded_at as restated_at,
        superseded.run_id,
        superseded.cause,
        count(*) as changed_row_count,
        count(*) filter (where superseded.replaced_by_percentile is null) as dropped_row_count,
        max(abs(superseded.replaced_by_percentile - superseded.percentile)) as largest_change
    from superseded
    group by superseded.computed_at_batch, superseded.superseded_at, superseded.run_id, superseded.cause
)

select * from final
