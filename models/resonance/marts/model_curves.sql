{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with evaluated as (
    select * from {{ ref("int_resonance__evaluate") }}
    where position > 0
),

final as (
    select
        evaluated.model_run_id,
        evaluated.label,
        evaluated.split,
        evaluated.model,
        evaluated.metric as curve,
        evaluated.position,
        evaluated.x,
        evaluated.value as y,
        evaluated.row_count
    from evaluated
    {% if is_incremental() %}
        where evaluated.model_run_id not in (select held.model_run_id from {{ this }} as held)
    {% endif %}
)

select * from final
