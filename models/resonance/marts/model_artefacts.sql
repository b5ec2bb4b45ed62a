{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with fitted as (
    select * from {{ ref("int_resonance__fit") }}
),

planned as (
    select * from {{ ref("int_resonance__plan_runs") }}
),

final as (
    select
        fitted.model_run_id::varchar as model_run_id,
        {% if is_incremental() %}
            (select coalesce(max(held.run_no), 0) + 1 from {{ this }} as held)::bigint as run_no,
        {% else %}
            1::bigint as run_no,
        {% endif %}
        (planned.manifest::json -> 'vars' ->> 'resonance_train_cutoff_year')::bigint as train_cutoff_year,
        (planned.manifest::json -> 'inputs' ->> 'feature_contract')::varchar as contract_hash,
        fitted.label::varchar as label,
        fitted.name::varchar as name,
        fitted.format::varchar as format,
        fitted.checksum::varchar as checksum,
        octet_length(fitted.content::blob)::bigint as byte_count,
        fitted.content::blob as content
    from fitted
    inner join planned
        on fitted.model_run_id = planned.model_run_id
    {% if is_incremental() %}
        where fitted.model_run_id not in (select held.model_run_id from {{ this }} as held)
    {% endif %}
)

select * from final
