{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

counts as (
    select * from {{ ref("int_percentiles__count_records") }}
),

final as (
    select
        deliveries.batch_no,
        deliveries.file_name,
        deliveries.revision,
        case
            when deliveries.is_in_force then 'in_force'
            else coalesce(deliveries.reject_reason, 'superseded')
        end as status,
        deliveries.content_hash,
        counts.landed_count,
        counts.valid_count,
        counts.quarantined_count,
        deliveries.landed_at,
        deliveries.run_id
    from deliveries
    left join counts
        on
            deliveries.file_name = counts.file_name
            and deliveries.revision = counts.revision
)

select * from final
