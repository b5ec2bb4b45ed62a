{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_newest and reject_reason is not null
),

rejected as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is not null
),

final as (
    select
        deliveries.file_name,
        deliveries.revision,
        0 as position,
        deliveries.reject_reason,
        deliveries.content_hash as payload_hash
    from deliveries
    union all
    select
        rejected.file_name,
        rejected.revision,
        rejected.position,
        rejected.reject_reason,
        rejected.payload_hash
    from rejected
)

select * from final
