{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

landed as (
    select * from {{ ref("stg_percentiles__landed") }}
    where position > 0
),

judged as (
    select * from {{ ref("int_percentiles__judge_records") }}
),

landed_counts as (
    select
        landed.file_name,
        landed.revision,
        count(*) as landed_count
    from landed
    group by landed.file_name, landed.revision
),

judged_counts as (
    select
        judged.fingerprint,
        count(*) filter (where judged.reject_reason is null) as valid_count,
        count(*) filter (where judged.reject_reason is not null) as quarantined_count
    from judged
    group by judged.fingerprint
),

final as (
    select
        deliveries.batch_no,
        deliveries.file_name,
        deliveries.revision,
        case
            when deliveries.is_in_force then 'in_force'
            when deliveries.reject_reason is not null then deliveries.reject_reason
            else 'superseded'
        end as status,
        deliveries.content_hash,
        coalesce(landed_counts.landed_count, 0) as landed_count,
        coalesce(judged_counts.valid_count, 0) as valid_count,
        coalesce(judged_counts.quarantined_count, 0) as quarantined_count,
        deliveries.landed_at,
        deliveries.run_id
    from deliveries
    left join landed_counts
        on
            deliveries.file_name = landed_counts.file_name
            and deliveries.revision = landed_counts.revision
    left join judged_counts
        on deliveries.fingerprint = judged_counts.fingerprint
)

select * from final
