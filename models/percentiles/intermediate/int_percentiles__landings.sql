{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

final as (
    select
        deliveries.batch_no,
        min(deliveries.landed_at) as landed_at
    from deliveries
    where deliveries.reject_reason is null
    group by deliveries.batch_no
)

select * from final
