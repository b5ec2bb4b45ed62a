{{ config(materialized="view") }}

with history as (
    select * from {{ ref("int_resonance__artefact_history") }}
),

final as (
    select
        history.model_run_id,
        history.run_no,
        history.train_cutoff_year,
        history.contract_hash,
        history.label,
        history.name,
        history.format,
        history.checksum,
        octet_length(history.content)::bigint as byte_count,
        history.content
    from history
)

select * from final
