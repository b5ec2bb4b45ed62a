{{ config(
    materialized="incremental",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__plan_latest')) }}"
) }}

with batches as (
    {{ missing_partitions(ref("int_percentiles__plan_latest")) }}
),

assets as (
    select * from {{ ref("int_percentiles__valid_assets") }}
),

repeats as (
    select * from {{ ref("int_percentiles__find_repeats") }}
    where asset_id is not null
),

replaced as (
    select distinct
        repeats.asset_id,
        repeats.earlier_batch_no as batch_no
    from repeats
),

history as (
    select * from {{ ref("score_history") }}
),

final as (
    select
        assets.asset_id::varchar as id,
        assets.score::double as score,
        assets.industry::varchar as industry,
        history.percentile::double as percentile,
        assets.batch_no::bigint as batch_no,
        batches.fingerprint::bigint as fingerprint
    from assets
    inner join batches
        on assets.batch_no = batches.batch_no
    left join replaced
        on
            assets.asset_id = replaced.asset_id
            and assets.batch_no = replaced.batch_no
    left join history
        on
            batches.iteration = history.computed_at_batch
            and assets.asset_id = history.id
            and assets.batch_no = history.batch_no
    where replaced.asset_id is null
)

select * from final
