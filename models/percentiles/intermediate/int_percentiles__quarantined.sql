{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
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
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    select
        deliveries.file_name,
        deliveries.revision,
        records.position,
        records.reject_reason,
        {{ sha256_of("records.payload") }} as payload_hash
    from records
    inner join deliveries
        on
            records.batch_no = deliveries.batch_no
            and records.fingerprint = deliveries.fingerprint
    where deliveries.is_in_force
)

select * from final
