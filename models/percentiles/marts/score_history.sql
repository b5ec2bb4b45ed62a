-- The planner takes a window's assets for an eighth of what they are and would hash them instead of the curve.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=[
        "{{ archive_leaving_iterations(ref('int_percentiles__define_windows')) }}",
        "{{ set_stale_rows_aside(ref('int_percentiles__define_windows')) }}",
        "{{ without_optimizer('build_side_probe_side') }}",
    ],
    post_hook=[
        "{{ with_every_optimizer() }}",
        "{{ keep_superseded_rows(ref('int_percentiles__define_windows'), ref('score_history_superseded')) }}",
    ]
) }}

with windows as (
    {{ missing_partitions(kept_windows(ref("int_percentiles__define_windows"))) }}
),

iterations as (
    select distinct
        windows.iteration,
        windows.window_from,
        windows.window_to,
        windows.settings_fingerprint,
        windows.fingerprint
    from windows
),

assets as (
    select * from {{ ref("int_percentiles__fill_windows") }}
    where batch_no in (select windows.batch_no from windows)
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
        iterations.window_from::bigint as window_from,
        iterations.window_to::bigint as window_to,
        iterations.settings_fingerprint::bigint as settings_fingerprint,
        iterations.fingerprint::bigint as fingerprint
    from assets
    inner join iterations
        on assets.fingerprint = iterations.fingerprint
    left join curve
        on
            assets.iteration = curve.iteration
            and assets.industry = curve.industry
            and assets.score = curve.score
)

select * from final
