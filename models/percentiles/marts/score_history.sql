-- DuckDB underestimates a window's assets eightfold. It would hash them instead of the smaller curve, so the optimizer that swaps the sides
-- of a join is off here.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=[
        "{{ archive_leaving_iterations(windows_that('is_complete')) }}",
        "{{ set_stale_rows_aside(windows_that('is_kept')) }}",
        "{{ without_optimizer('build_side_probe_side') }}",
    ],
    post_hook=[
        "{{ with_every_optimizer() }}",
        "{{ keep_superseded_rows(windows_that('is_complete'), ref('score_history_superseded')) }}",
    ]
) }}

with windows as (
    {{ missing_partitions(windows_that("is_kept")) }}
),

assets as (
    {{ assets_of_windows("windows") }}
),

curve as (
    select * from {{ ref("percentile_curve") }}
    where fingerprint in (select windows.fingerprint from windows)
),

final as (
    select
        assets.asset_id::string as id,
        assets.iteration::bigint as computed_at_batch,
        assets.batch_no::bigint as batch_no,
        assets.age::bigint as age,
        assets.industry::string as industry,
        assets.score::double as score,
        curve.lower_count::bigint as lower_count,
        curve.equal_count::bigint as equal_count,
        curve.window_count::bigint as window_count,
        curve.percentile::double as percentile,
        assets.window_from::bigint as window_from,
        assets.window_to::bigint as window_to,
        assets.settings_fingerprint::bigint as settings_fingerprint,
        assets.fingerprint::bigint as fingerprint
    from assets
    left join curve
        on
            assets.iteration = curve.iteration
            and assets.industry = curve.industry
            and assets.score = curve.score
)

select * from final
