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
        judged.is_label_repaired,
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

repairs as (
    select
        records.batch_no,
        records.file_name,
        count(*) as record_count,
        count(case when records.is_label_repaired then 1 end) as repaired_count
    from records
    group by records.batch_no, records.file_name
),

-- What writes the scores may always shorten its labels. Worth a look is a batch in which it does so more often than before.
newest_repairs as (
    select
        repairs.*,
        sum(repairs.repaired_count) over before_it / sum(repairs.record_count) over before_it as usual_share
    from repairs
    window before_it as (order by repairs.batch_no nulls last rows between unbounded preceding and 1 preceding)
    qualify row_number() over (order by repairs.batch_no desc nulls last) = 1
),

runs as (
    select
        deliveries.landed_at,
        lag(deliveries.landed_at) over (order by deliveries.landed_at nulls last) as previous_at
    from deliveries
    where deliveries.reject_reason is null
    group by deliveries.landed_at
),

-- Between two deliveries lies a night, or a weekend: twice the longest of the last twenty pauses is more than that.
pauses as (
    select
        max(recent.landed_at) as last_at,
        max(recent.landed_at - recent.previous_at) as longest
    from (
        select runs.*
        from runs
        where runs.previous_at is not null
        qualify row_number() over (order by runs.landed_at desc nulls last) <= 20
    ) as recent
    having count(*) >= 5
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
        'labels repaired' as kind,
        newest_repairs.file_name as subject,
        newest_repairs.repaired_count || ' of ' || newest_repairs.record_count || ' labels of ' || newest_repairs.file_name
        || ' had to be repaired, against ' || printf('%.1f', 100 * newest_repairs.usual_share)
        || ' % before: look at what writes the industries.' as message,
        newest_repairs.batch_no
    from newest_repairs
    where
        newest_repairs.repaired_count
        > (newest_repairs.usual_share + {{ number_var("rejected_share_limit") }}) * newest_repairs.record_count
    union all
    select
        'batches overdue' as kind,
        'batches' as subject,
        'No new batch has come since ' || substr(pauses.last_at::string, 1, 16)
        || ' UTC, which is more than twice as long as any of the last pauses: look at what delivers them.' as message,
        null as batch_no
    from pauses
    where {{ run_started_timestamp() }} > pauses.last_at + 2 * greatest(pauses.longest, interval '1' hour)
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
