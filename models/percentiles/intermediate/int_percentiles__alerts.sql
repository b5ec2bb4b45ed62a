{{ config(materialized="view", access="protected") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

ledger as (
    select * from {{ ref("batch_ledger") }}
    where status = 'in_force'
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
        ledger.file_name as subject,
        ledger.quarantined_count || ' of ' || ledger.landed_count || ' rows of ' || ledger.file_name
        || ' are in quarantine: operations.quarantine names the reason of each.' as message
    from ledger
    where ledger.quarantined_count > {{ number_var("rejected_share_limit") }} * ledger.landed_count
)

select * from final
