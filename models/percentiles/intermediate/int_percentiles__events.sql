{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

records as (
    select
        deliveries.batch_no,
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
    select
        windows.batch_no,
        lag(windows.batch_no) over (order by windows.batch_no nulls last) as previous_batch_no
    from {{ ref("int_percentiles__define_windows") }} as windows
    where windows.age = 0
),

-- A year or a date where a number was meant, not a few lost batches.
jump as (
    select
        deliveries.file_name,
        batches.batch_no,
        batches.batch_no - batches.previous_batch_no as step,
        batches.previous_batch_no,
        -- As a shell takes it. Spark names a folder as an address.
        chr(39) || replace(
            replace(replace(deliveries.dataset, 'file:///', '/'), 'file:/', '/'),
            chr(39), chr(39) || '"' || chr(39) || '"' || chr(39)
        ) || '/' || deliveries.file_name || chr(39) as quoted_path
    from batches
    inner join deliveries
        on
            batches.batch_no = deliveries.batch_no
            and deliveries.is_in_force
    where batches.batch_no > batches.previous_batch_no + 100
    qualify row_number() over (order by batches.batch_no desc nulls last) = 1
),

alerts as (
    select
        'file rejected' as kind,
        deliveries.file_name as subject,
        'The newest delivery of ' || deliveries.file_name || ' is not used (' || deliveries.reject_reason
        || '): deliver it again, whole.' as message,
        null as batch_no
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    select
        'rows rejected' as kind,
        records.file_name as subject,
        count(*) filter (where records.reject_reason is not null) || ' of ' || count(*) || ' rows of ' || records.file_name
        || ' are in quarantine: operations.quarantine names the reason of each.' as message,
        records.batch_no
    from records
    group by records.batch_no, records.file_name
    having count(*) filter (where records.reject_reason is not null) > {{ number_var("rejected_share_limit") }} * count(*)
    union all
    select
        'number jumped' as kind,
        jump.file_name as subject,
        jump.file_name || ' is ' || jump.step || ' numbers above batch ' || jump.previous_batch_no
        || ': if its number is wrong, withdraw it with `echo "[]" > ' || jump.quoted_path || '` and load again.' as message,
        jump.batch_no
    from jump
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
