{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

counts as (
    select * from {{ ref("int_percentiles__count_records") }}
),

batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

drift as (
    select * from {{ ref("int_percentiles__judge_drift") }}
),

numbered as (
    select
        batches.file_name,
        batches.batch_no,
        lag(batches.batch_no) over (order by batches.batch_no nulls last) as previous_batch_no,
        -- As a shell takes it. Spark names a folder as an address.
        chr(39) || replace(
            replace(replace(batches.dataset, 'file:///', '/'), 'file:/', '/'),
            chr(39), chr(39) || '"' || chr(39) || '"' || chr(39)
        ) || '/' || batches.file_name || chr(39) as quoted_path
    from batches
),

jumps as (
    select
        numbered.*,
        row_number() over (order by numbered.batch_no desc nulls last) as recency
    from numbered
    where numbered.batch_no > numbered.previous_batch_no + 100  -- a year or a date where a number was meant, not a few lost batches
),

latest as (
    select
        drift.*,
        max(drift.batch_no) over (partition by drift.industry) as latest_batch_no,
        -- The newest happening and not the newest figures: a state that lasts is no news.
        max(case when drift.alert_kind is not null then drift.batch_no end) over (partition by drift.industry) as happened_at_batch
    from drift
),

current_drift as (
    select
        latest.industry,
        max(case when latest.batch_no = latest.latest_batch_no then latest.level end) as level,
        max(case when latest.batch_no = latest.happened_at_batch then latest.message end) as message
    from latest
    group by latest.industry
),

final as (
    select
        'file rejected' as kind,
        deliveries.file_name as subject,
        'The newest delivery of ' || deliveries.file_name || ' is not used (' || deliveries.reject_reason
        || '): deliver it again, whole.' as message
    from deliveries
    where deliveries.is_newest and deliveries.reject_reason is not null
    union all
    select
        'rows rejected' as kind,
        counts.file_name as subject,
        counts.quarantined_count || ' of ' || counts.landed_count || ' rows of ' || counts.file_name
        || ' are in quarantine: operations.quarantine names the reason of each.' as message
    from counts
    inner join deliveries
        on
            counts.file_name = deliveries.file_name
            and counts.revision = deliveries.revision
    where
        deliveries.is_in_force
        and counts.quarantined_count > {{ number_var("rejected_share_limit") }} * counts.landed_count
    union all
    select
        'number jumped' as kind,
        jumps.file_name as subject,
        jumps.file_name || ' is ' || (jumps.batch_no - jumps.previous_batch_no) || ' numbers above batch ' || jumps.previous_batch_no
        || ': if its number is wrong, withdraw it with `echo "[]" > ' || jumps.quoted_path || '` and load again.' as message
    from jumps
    where jumps.recency = 1
    union all
    select
        'drift' as kind,
        current_drift.industry as subject,
        current_drift.message
    from current_drift
    where current_drift.level = 'alert'
)

select * from final
