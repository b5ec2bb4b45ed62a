{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
),

counts as (
    select
        records.fingerprint,
        count(*) as landed_count,
        count(*) filter (where records.reject_reason is null) as valid_count,
        count(*) filter (where records.reject_reason is not null) as quarantined_count
    from records
    group by records.fingerprint
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
        coalesce(counts.landed_count, 0) as landed_count,
        coalesce(counts.valid_count, 0) as valid_count,
        coalesce(counts.quarantined_count, 0) as quarantined_count,
        deliveries.landed_at,
        deliveries.run_id
    from deliveries
    left join counts
        on deliveries.fingerprint = counts.fingerprint
)

select * from final
