with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

viewed as (
    select
        notices.notice_id,
        notices.delivery_no,
        notices.row_problem,
        deliveries.last_landed_at,
        {{ exploded("notices.views") }} as seen
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
),

timed as (
    select
        viewed.delivery_no,
        viewed.notice_id,
        viewed.row_problem,
        viewed.last_landed_at,
        viewed.seen.position,
        viewed.seen.posted_date,
        viewed.seen.view_count,
        coalesce(viewed.seen.posted_at, {{ utc_time("viewed.seen.posted_date") }}) as posted_at
    from viewed
),

judged as (
    select
        timed.*,
        case
            when timed.row_problem is not null then timed.row_problem
            when timed.posted_at is null and {{ filled("timed.posted_date") }} is null then 'date_missing'
            when timed.posted_at is null then 'date_unreadable'
            when timed.posted_at < timestamp '2000-01-01' or timed.posted_at >= timestamp '2100-01-01' then 'date_out_of_range'
            when timed.posted_at::date > timed.last_landed_at::date + {{ whole_number_var("pulse_days_ahead", 0) }} then 'date_ahead'
        end as reject_reason
    from timed
),

final as (
    select
        judged.delivery_no,
        judged.notice_id,
        judged.position,
        judged.view_count,
        judged.posted_at,
        judged.reject_reason,
        case when judged.reject_reason is not null then judged.posted_date end as posted_date
    from judged
)

select * from final
