{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with evaluated as (
    select * from {{ ref("int_resonance__evaluate") }}
    where position = 0
),

final as (
    select
        evaluated.model_run_id,
        evaluated.label,
        evaluated.split,
        evaluated.slice,
        evaluated.model,
        evaluated.metric,
        evaluated.value,
        evaluated.low,
        evaluated.high
    from evaluated
    {% if is_incremental() %}
        where evaluated.model_run_id not in (select held.model_run_id from {{ this }} as held)
    {% endif %}
)

select * from final
