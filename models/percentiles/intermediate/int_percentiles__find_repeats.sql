-- Each batch adds one row without an asset: a batch without repeats is a partition too, and is not searched again.
-- Left to itself, DuckDB would write out the assets of all of history, because two joins read them.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook=[
        "{{ drop_stale_partitions(windows_that('age = 0'), 'history_fingerprint') }}",
        "{{ without_optimizer('common_subplan') }}",
    ],
    post_hook="{{ with_every_optimizer() }}"
) }}

with new_batches as (
    {{ missing_partitions(windows_that("age = 0"), "history_fingerprint") }}
),

batches as (
    select * from {{ ref("int_percentiles__define_windows") }}
    where age = 0
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

later as (
    select
        records.asset_id,
        new_batches.batch_no,
        new_batches.history_fingerprint as fingerprint
    from records
    inner join new_batches
        on
            records.batch_no = new_batches.batch_no
            and records.fingerprint = new_batches.delivery_fingerprint
),

earlier as (
    select
        records.asset_id,
        records.batch_no
    from records
    inner join batches
        on
            records.batch_no = batches.batch_no
            and records.fingerprint = batches.delivery_fingerprint
),

final as (
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
    union all
    select
        null as asset_id,
        new_batches.batch_no,
        null as earlier_batch_no,
        new_batches.history_fingerprint as fingerprint
    from new_batches
)

select * from final
