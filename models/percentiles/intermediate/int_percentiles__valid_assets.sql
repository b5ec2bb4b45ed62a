{{ config(materialized="view") }}

with records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
    where is_in_force
),

final as (
    select
        records.batch_no,
        records.asset_id,
        records.industry,
        records.score
    from records
    inner join deliveries
        on
            records.batch_no = deliveries.batch_no
            and records.fingerprint = deliveries.fingerprint
)

select * from final
