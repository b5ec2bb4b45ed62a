with landed as (
    select * from {{ ref("stg_pulse__landed") }}
    where position > 0
),

final as (
    select
        -- A notice is known by its delivery and the place of its first view: one integer to join on.
        (landed.delivery_no::bigint << 36) + landed.position as notice_id,
        landed.delivery_no,
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
        landed.payload,
        landed.views
    from landed
)

select * from final
