{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
),

landed as (
    select * from {{ ref("stg_percentiles__records") }}
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
        deliveries.file_name,
        deliveries.revision,
        coalesce(landed_counts.landed_count, 0) as landed_count,
        coalesce(judged_counts.valid_count, 0) as valid_count,
        coalesce(judged_counts.quarantined_count, 0) as quarantined_count
    from deliveries
    left join landed_counts
        on
            deliveries.file_name = landed_counts.file_name
            and deliveries.revision = landed_counts.revision
    left join judged_counts
        on deliveries.fingerprint = judged_counts.fingerprint
)

select * from final
