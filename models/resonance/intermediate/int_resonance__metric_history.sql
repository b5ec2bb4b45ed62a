{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with evaluated as (
    select * from {{ ref("int_resonance__evaluate") }}
),

final as (
    select
        evaluated.model_run_id,
        evaluated.label,
        evaluated.split,
        evaluated.slice,
        evaluated.model,
        evaluated.metric,
        evaluated.position,
        evaluated.x,
        evaluated.value,
        evaluated.low,
        evaluated.high,
        evaluated.row_count,
        {{ run_started_timestamp() }} as trained_at
    from evaluated
    {% if is_incremental() %}
        where evaluated.model_run_id not in (select distinct held.model_run_id from {{ this }} as held)
    {% endif %}
)

select * from final
