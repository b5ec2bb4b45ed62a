-- What deliveries show: files and rows that are rejected, labels that had to be repaired, numbers that jump.
{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

records as (
    select
        deliveries.batch_no,
        deliveries.file_name,
        count(*) as record_count,
        count(case when judged.reject_reason is not null then 1 end) as rejected_count,
        count(case when judged.is_label_repaired then 1 end) as repaired_count
    from {{ ref("int_percentiles__judge_records") }} as judged
    inner join deliveries
        on
            judged.batch_no = deliveries.batch_no
            and judged.fingerprint = deliveries.fingerprint
    where deliveries.is_in_force
    group by deliveries.batch_no, deliveries.file_name
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

-- What writes the scores may always shorten its labels. Worth a look is a batch in which it does so more often than before.
newest_repairs as (
    select
        records.*,
        sum(records.repaired_count) over before_it / sum(records.record_count) over before_it as usual_share
    from records
    window before_it as (order by records.batch_no nulls last rows between unbounded preceding and 1 preceding)
    qualify row_number() over (order by records.batch_no desc nulls last) = 1
),

final as (
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
        records.rejected_count || ' of ' || records.record_count || ' rows of ' || records.file_name
        || ' are in quarantine: operations.quarantine names the reason of each.' as message,
        records.batch_no
    from records
    where records.rejected_count > {{ number_var("rejected_share_limit") }} * records.record_count
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
    -- And by more than three standard errors: of a few labels one more is chance.
    where
        newest_repairs.repaired_count
        > newest_repairs.usual_share * newest_repairs.record_count
        + {{ number_var("rejected_share_limit") }} * newest_repairs.record_count
        + 3 * sqrt(newest_repairs.record_count * newest_repairs.usual_share * (1 - newest_repairs.usual_share) + 1)
)

select * from final
