-- A run's rows are a partition: they land whole or not at all, whatever is killed when.
{{ config(
    enabled=target.type == "spark" and var("products").percentiles,
    materialized="incremental",
    partition_by="run_id",
    full_refresh=false,
    tags=["state"]
) }}

with opened as (
    select * from {{ source("percentiles", "batches") }}
),

newest_landed as (
    {{ newest_landed_versions() }}
),

hashed as (
    select
        opened.dataset,
        regexp_extract(opened.path, '[^/]+$', 0) as file_name,
        cast(regexp_extract(opened.path, 'batch_([0-9]+)[.]json$', 1) as bigint) as batch_no,
        sha2(opened.content, 256) as content_hash,
        opened.size_bytes,
        opened.modified_at,
        read_batch(opened.content) as batch
    from opened
),

deliveries as (
    select
        hashed.*,
        coalesce(newest_landed.revision, 0) as landed_revision,
        coalesce(newest_landed.content_hash = hashed.content_hash, false) as is_repeat
    from hashed
    left join newest_landed
        on hashed.file_name = newest_landed.file_name
),

records_of_deliveries as (
    select
        deliveries.*,
        posexplode(
            concat(
                array(cast(null as string)),
                if(deliveries.is_repeat or deliveries.batch.records is null, array(), deliveries.batch.records)
            )
        ) as (position, record)
    from deliveries
),

final as (
    select
        records_of_deliveries.dataset,
        records_of_deliveries.file_name,
        records_of_deliveries.batch_no,
        cast(records_of_deliveries.landed_revision + if(records_of_deliveries.is_repeat, 0, 1) as integer) as revision,
        records_of_deliveries.is_repeat,
        records_of_deliveries.content_hash,
        records_of_deliveries.size_bytes,
        records_of_deliveries.modified_at,
        records_of_deliveries.batch.file_problem,
        records_of_deliveries.position,
        records_of_deliveries.record as payload,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from records_of_deliveries
)

select * from final
