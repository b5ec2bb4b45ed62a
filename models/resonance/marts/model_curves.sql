{{ config(materialized="view") }}

with history as (
    select * from {{ ref("int_resonance__metric_history") }}
    where position > 0
),

final as (
    select
        history.model_run_id,
        history.label,
        history.split,
        history.model,
        history.metric as curve,
        history.position,
        history.x,
        history.value as y,
        history.row_count
    from history
)

select * from final
