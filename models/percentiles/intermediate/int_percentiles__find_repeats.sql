-- Each batch adds one row without an asset, so that a batch without repeats is a partition too and is not searched again.
{{ config(
    materialized="incremental",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__plan_repeats')) }}"
) }}

with batches as (
    {{ missing_partitions(ref("int_percentiles__plan_repeats")) }}
),

assets as (
    select * from {{ ref("int_percentiles__valid_assets") }}
    where batch_no in (select batches.batch_no from batches)
),

-- Not the same scan as the one above: DuckDB would write that out once for both joins, with all of history in it.
earlier as (
    select * from {{ ref("int_percentiles__valid_assets") }}
    where batch_no < (select max(batches.batch_no) from batches)
),

later as (
    select
        assets.asset_id,
        batches.batch_no,
        batches.fingerprint
    from assets
    inner join batches
        on assets.batch_no = batches.batch_no
),

repeats as (
    select
        later.asset_id,
        later.batch_no,
        earlier.batch_no as earlier_batch_no,
        later.fingerprint
    from earlier
    inner join later
        on
            earlier.asset_id = later.asset_id
            and earlier.batch_no < later.batch_no
),

final as (
    select
        repeats.asset_id,
        repeats.batch_no,
        repeats.earlier_batch_no,
        repeats.fingerprint
    from repeats
    union all
    select
        null as asset_id,
        batches.batch_no,
        null as earlier_batch_no,
        batches.fingerprint
    from batches
)

select * from final
