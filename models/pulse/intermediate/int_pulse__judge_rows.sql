{{ config(materialized="view") }}

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

landed as (
    select * from {{ ref("stg_pulse__landed") }}
    where position > 0
),

timed as (
    select
        deliveries.file_name,
        deliveries.revision,
        landed.position,
        landed.posted_date,
        landed.work_city,
        landed.project_type,
        landed.role_type,
        landed.union_status,
        landed.rate,
        landed.role_description,
        landed.breakdown_id,
        landed.role_name,
        landed.project_name,
        landed.row_problem,
        {{ payload_hash("landed") }} as payload_hash,
        {{ utc_time("landed.posted_date") }} as posted_at
    from landed
    inner join deliveries
        on landed.delivery_no = deliveries.delivery_no
),

final as (
    select
        timed.file_name,
        timed.revision,
        timed.position,
        timed.posted_date,
        timed.work_city,
        timed.project_type,
        timed.role_type,
        timed.union_status,
        timed.rate,
        timed.role_description,
        timed.breakdown_id,
        timed.role_name,
        timed.project_name,
        timed.posted_at,
        timed.payload_hash,
        case
            when timed.row_problem is not null then timed.row_problem
            when timed.posted_date is null or trim(timed.posted_date) = '' then 'date_missing'
            when timed.posted_at is null then 'date_unreadable'
            when timed.posted_at < timestamp '2000-01-01' or timed.posted_at >= timestamp '2100-01-01' then 'date_out_of_range'
        end as reject_reason
    from timed
)

select * from final
