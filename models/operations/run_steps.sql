with log as (
    select * from {{ source("run_log", "run_log") }}
),

final as (
    select
        log.run_id,
        log.node,
        log.resource_type,
        log.status,
        log.duration_seconds,
        log.failure_count,
        log.message
    from log
)

select * from final
