{{ config(materialized="view") }}

with records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

final as (
    select
        records.batch_no,
        records.asset_id,
        records.industry,
        records.score
    from records
    inner join batches
        on
            records.batch_no = batches.batch_no
            and records.fingerprint = batches.fingerprint
)

select * from final
