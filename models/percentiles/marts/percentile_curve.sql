{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook="{{ drop_stale_partitions(windows_that('is_complete')) }}"
) }}

with windows as (
    {{ missing_partitions(windows_that("is_complete")) }}
),

assets as (
    {{ assets_of_windows("windows") }}
),

counted as (
    select
        assets.iteration,
        assets.fingerprint,
        assets.industry,
        assets.score,
        count(*)::double as equal_count  -- exact up to 2^53; DuckDB's windows over sums of integers take twice as long
    from assets
    group by assets.iteration, assets.fingerprint, assets.industry, assets.score
),

cumulated as (
    select
        counted.*,
        sum(counted.equal_count) over (
            partition by counted.iteration, counted.industry
            order by counted.score nulls last
            rows between unbounded preceding and current row
        ) - counted.equal_count as lower_count,
        sum(counted.equal_count) over (partition by counted.iteration, counted.industry) as window_count
    from counted
),

final as (
    select
        cumulated.iteration::bigint as iteration,
        cumulated.industry::string as industry,
        cumulated.score::double as score,
        cumulated.lower_count::bigint as lower_count,
        cumulated.equal_count::bigint as equal_count,
        cumulated.window_count::bigint as window_count,
        ({{ percentile("cumulated.lower_count", "cumulated.equal_count", "cumulated.window_count") }})::double as percentile,
        cumulated.fingerprint::bigint as fingerprint
    from cumulated
)

select * from final
