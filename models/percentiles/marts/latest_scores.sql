-- The planner takes a batch's assets for an eighth of what they are and would hash them instead of the curve.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=["{{ drop_stale_partitions(ref('int_percentiles__plan_latest')) }}", "{{ without_optimizer('build_side_probe_side') }}"],
    post_hook="{{ with_every_optimizer() }}"
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

curve as (
    select * from {{ ref("percentile_curve") }}
    where iteration in (select batches.iteration from batches)
),

final as (
    select
        assets.asset_id::string as id,
        assets.score::double as score,
        assets.industry::string as industry,
        curve.percentile::double as percentile,
        assets.batch_no::bigint as batch_no,
        batches.fingerprint::bigint as fingerprint
    from assets
    inner join batches
        on assets.batch_no = batches.batch_no
    left join replaced
        on
            assets.asset_id = replaced.asset_id
            and assets.batch_no = replaced.batch_no
    left join curve
        on
            batches.iteration = curve.iteration
            and assets.industry = curve.industry
            and assets.score = curve.score
    where replaced.asset_id is null
)

select * from final
