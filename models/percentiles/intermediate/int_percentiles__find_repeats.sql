-- The planner would write the assets out once for both of their joins, with all of history among them.
-- Each batch adds one row without an asset, so that a batch without repeats is a partition too and is not searched again.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=["{{ drop_stale_partitions(ref('int_percentiles__plan_repeats')) }}", "{{ without_optimizer('common_subplan') }}"],
    post_hook="{{ with_every_optimizer() }}"
) }}

with batches as (
    {{ missing_partitions(ref("int_percentiles__plan_repeats")) }}
),

assets as (
    select * from {{ ref("int_percentiles__valid_assets") }}
),

earlier as (
    select * from {{ ref("int_percentiles__valid_assets") }}
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
