{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where reject_reason is null
),

final as (
    select
        deliveries.delivery_no::bigint as batch_no,
        deliveries.landed_at
    from deliveries
)

select * from final
