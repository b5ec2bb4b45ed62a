{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

final as (
    select
        deliveries.batch_no,
        min(deliveries.landed_at) as landed_at
    from deliveries
    inner join batches
        on deliveries.batch_no = batches.batch_no
    where deliveries.reject_reason is null
    group by deliveries.batch_no
)

select * from final
