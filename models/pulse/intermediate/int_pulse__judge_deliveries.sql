{{ config(materialized="view") }}

with landed as (
    select
        deliveries.*,
        max(deliveries.landed_at) over (partition by deliveries.file_name, deliveries.revision) as last_landed_at
    from {{ ref("stg_pulse__landed") }} as deliveries
    where deliveries.position = 0
),

ranked as (
    select
        landed.*,
        landed.revision = max(landed.revision) over (partition by landed.file_name) as is_newest,
        -- An unreadable delivery replaces nothing: the newest readable one of the file stays in force.
        landed.file_problem is null and row_number() over (
            partition by landed.file_name
            order by landed.file_problem is not null asc nulls last, landed.revision desc nulls last
        ) = 1 as is_in_force
    from landed
    where not landed.is_repeat
),

final as (
    select
        ranked.delivery_no,
        ranked.file_name,
        ranked.revision,
        ranked.content_hash,
        ranked.landed_at,
        ranked.last_landed_at,
        ranked.run_id,
        ranked.is_newest,
        ranked.is_in_force,
        ranked.file_problem as reject_reason,
        ranked.file_detail as reject_detail
    from ranked
)

select * from final
