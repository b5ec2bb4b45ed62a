{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with fitted as (
    select * from {{ ref("int_resonance__fit") }}
),

final as (
    select
        fitted.model_run_id::varchar as model_run_id,
        fitted.label::varchar as label,
        fitted.name::varchar as name,
        fitted.format::varchar as format,
        fitted.checksum::varchar as checksum,
        octet_length(fitted.content)::bigint as byte_count,
        fitted.content::blob as content
    from fitted
    {% if is_incremental() %}
        where fitted.model_run_id not in (select held.model_run_id from {{ this }} as held)
    {% endif %}
)

select * from final
