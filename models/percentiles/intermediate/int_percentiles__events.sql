{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

records as (
    select
        deliveries.file_name,
        deliveries.revision,
        judged.position,
        judged.reject_reason,
        judged.payload
    from {{ ref("int_percentiles__judge_records") }} as judged
    inner join deliveries
        on
            judged.batch_no = deliveries.batch_no
            and judged.fingerprint = deliveries.fingerprint
    where deliveries.is_in_force
),

batches as (
    select windows.batch_no
    from {{ ref("int_percentiles__define_windows") }} as windows
    where windows.age = 0
),

alerts as (
    select * from {{ ref("int_percentiles__find_delivery_faults") }}
    union all
    select
        told.kind,
        told.industry as subject,
        told.message,
        told.iteration as batch_no
    from {{ ref("score_alerts") }} as told
    where told.level = 'alert' and told.ended_iteration is null
),

final as (
    {{ event("quarantined", subject="file_name", revision="revision", position="0", reason="reject_reason", payload_hash="content_hash") }}
    from deliveries
    where is_newest and reject_reason is not null
    union all
    {{ event(
        "quarantined", subject="file_name", revision="revision", position="position", reason="reject_reason", payload_hash=sha256_of("payload")
    ) }}
    from records
    where reject_reason is not null
    union all
    {{ event("alert", subject="subject", reason="kind", message="message", batch_no="batch_no") }}
    from alerts
    union all
    {{ event("landing", batch_no="deliveries.batch_no", landed_at="min(deliveries.landed_at)") }}
    from deliveries
    inner join batches
        on deliveries.batch_no = batches.batch_no
    where deliveries.reject_reason is null
    group by deliveries.batch_no
)

select * from final
