-- DuckDB underestimates a batch's assets eightfold. It would hash them instead of the smaller curve, so the optimizer that swaps the sides
-- of a join is off here.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=["{{ drop_stale_partitions(latest_plan()) }}", "{{ without_optimizer('build_side_probe_side') }}"],
    post_hook="{{ with_every_optimizer() }}"
) }}

with batches as (
    {{ missing_partitions(latest_plan()) }}
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

replaced as (
    select distinct
        repeats.asset_id,
        repeats.earlier_batch_no as batch_no
    from {{ ref("int_percentiles__find_repeats") }} as repeats
    where repeats.asset_id is not null
),

curve as (
    select * from {{ ref("percentile_curve") }}
    where iteration in (select batches.iteration from batches)
),

final as (
    select
        records.asset_id::string as id,
        records.score::double as score,
        records.industry::string as industry,
        curve.percentile::double as percentile,
        curve.window_count::bigint as window_count,
        records.batch_no::bigint as batch_no,
        batches.fingerprint::bigint as fingerprint
    from records
    inner join batches
        on
            records.batch_no = batches.batch_no
            and records.fingerprint = batches.delivery_fingerprint
    left join replaced
        on
            records.asset_id = replaced.asset_id
            and records.batch_no = replaced.batch_no
    left join curve
        on
            batches.iteration = curve.iteration
            and records.industry = curve.industry
            and records.score = curve.score
    where replaced.asset_id is null
)

select * from final
