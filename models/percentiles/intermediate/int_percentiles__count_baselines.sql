{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__choose_baselines'), 'baseline_fingerprint') }}"
) }}

with missing as (
    {{ missing_partitions(ref("int_percentiles__choose_baselines"), "baseline_fingerprint") }}
),

assets as (
    select * from {{ ref("int_percentiles__valid_assets") }}
),

repeats as (
    select * from {{ ref("int_percentiles__find_repeats") }}
    where asset_id is not null
),

baselines as (
    select distinct
        missing.industry,
        missing.baseline_from,
        missing.baseline_to,
        missing.baseline_fingerprint
    from missing
),

final as (
    select
        assets.industry,
        assets.score,
        count(*) as score_count,
        baselines.baseline_fingerprint as fingerprint
    from assets
    inner join baselines
        on
            assets.industry = baselines.industry
            and assets.batch_no between baselines.baseline_from and baselines.baseline_to
    left join repeats
        on
            assets.asset_id = repeats.asset_id
            and assets.batch_no = repeats.earlier_batch_no
            and baselines.baseline_to >= repeats.batch_no
    where repeats.asset_id is null
    group by assets.industry, assets.score, baselines.baseline_fingerprint
)

select * from final
