{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

counts as (
    select * from {{ ref("int_percentiles__count_records") }}
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
)

select * from final
