{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__define_windows')) }}"
) }}

with windows as (
    {{ missing_partitions(ref("int_percentiles__define_windows")) }}
),

assets as (
    select * from {{ ref("int_percentiles__fill_windows") }}
),

counted as (
    select
        assets.iteration,
        assets.fingerprint,
        assets.industry,
        assets.score,
        count(*)::double as equal_count  -- exact up to 2^53, and windows over sums of integers are 128 bits wide and slow
    from assets
    where
        assets.fingerprint in (select windows.fingerprint from windows)
        and assets.batch_no in (select windows.batch_no from windows)  -- says the same, but lets the scan skip the other batches
    group by assets.iteration, assets.fingerprint, assets.industry, assets.score
),

moments as (
    {{ window_moments("counted") }}
),

cumulated as (
    select
        counted.*,
        sum(counted.equal_count) over (
            partition by counted.iteration, counted.industry
            order by counted.score nulls last
            rows between unbounded preceding and current row
        ) as up_to_count,
        sum(counted.equal_count) over (partition by counted.iteration, counted.industry) as window_count
    from counted
),

final as (
    select
        cumulated.iteration,
        cumulated.industry,
        cumulated.score,
        (cumulated.up_to_count - cumulated.equal_count)::bigint as lower_count,
        cumulated.equal_count::bigint as equal_count,
        cumulated.window_count::bigint as window_count,
        {{ percentile("(cumulated.up_to_count - cumulated.equal_count)", "cumulated.equal_count", "cumulated.window_count",
            "cumulated.score", "moments.mean", "moments.deviation") }} as percentile,
        cumulated.fingerprint
    from cumulated
    left join moments
        on
            cumulated.iteration = moments.iteration
            and cumulated.industry = moments.industry
)

select * from final
