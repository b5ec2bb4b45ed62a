-- Position 0 is the delivery itself. Its records follow in the same transaction, whatever is killed when.
{{ config(
    enabled=target.type == "duckdb" and var("products").percentiles,
    materialized="incremental",
    full_refresh=false,
    tags=["state"],
    pre_hook=[
        "{{ find_new_files('percentiles', 'percentiles_batches', 'seeds/percentiles/batches', 'batch_*.json', 'batch_([0-9]{1,9})[.]json') }}",
        "{{ open_batches() }}",
    ],
    post_hook="{{ land_records() }}"
) }}

with deliveries as (
    select * from {{ source("percentiles", "batches") }}
),

final as (
    select
        deliveries.dataset,
        deliveries.file_name,
        deliveries.batch_no,
        deliveries.revision::integer as revision,
        deliveries.is_repeat,
        deliveries.content_hash,
        deliveries.size_bytes,
        deliveries.modified_at,
        deliveries.batch.problem as file_problem,
        0 as position,
        null::varchar as payload,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from deliveries
)

select * from final
