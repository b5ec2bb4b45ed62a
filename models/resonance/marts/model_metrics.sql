{{ config(materialized="view") }}

with history as (
    select * from {{ ref("int_resonance__metric_history") }}
    where position = 0
),

final as (
    select
        history.model_run_id,
        history.label,
        history.split,
        history.slice,
        history.model,
        history.metric,
        history.value,
        history.low,
        history.high
    from history
)

select * from final
