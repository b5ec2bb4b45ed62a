with log as (
    select * from {{ source("run_log", "run_log") }}
),

final as (
    select
        log.run_id,
        log.started_at,
        max(log.finished_at) as finished_at,
        log.command,
        count(*) as node_count,
        count(*) filter (where log.status in ('error', 'fail')) as failed_count,
        count(*) filter (where log.status = 'warn') as warned_count,
        sum(log.duration_seconds) as node_seconds
    from log
    group by log.run_id, log.started_at, log.command
)

select * from final
