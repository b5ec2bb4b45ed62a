{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
),

judged as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is not null
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

final as (
    select
        deliveries.file_name,
        deliveries.revision,
        0 as position,
        deliveries.reject_reason,
        deliveries.content_hash as payload_hash
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    select
        deliveries.file_name,
        deliveries.revision,
        judged.position,
        judged.reject_reason,
        {{ payload_hash("judged", "notices") }} as payload_hash
    from judged
    inner join deliveries
        on judged.delivery_no = deliveries.delivery_no
    inner join notices
        on judged.notice_id = notices.notice_id
)

select * from final
