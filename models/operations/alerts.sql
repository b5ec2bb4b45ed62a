with events as (
    {{ events_of_products("alert") }}
),

landings as (
    {{ events_of_products("landing") }}
),

growth as (
    select * from {{ ref("table_growth") }}
),

timed_runs as (
    select
        runs.*,
        epoch(runs.finished_at) - epoch(runs.started_at) as seconds
    from {{ ref("runs") }} as runs
),

-- Small runs differ by what else the machine does, so a minute more is the least that counts.
newest_run as (
    select
        timed_runs.*,
        count(*) over earlier_runs as earlier_count,
        median(timed_runs.seconds) over earlier_runs as usual_seconds
    from timed_runs
    window
        earlier_runs as (
            partition by timed_runs.command
            order by timed_runs.started_at nulls last, timed_runs.run_id nulls last
            rows between 20 preceding and 1 preceding
        )
    qualify row_number() over (order by timed_runs.started_at desc nulls last, timed_runs.run_id desc nulls last) = 1
),

arrivals as (
    select
        landings.product,
        landings.landed_at,
        landings.landed_at - lag(landings.landed_at) over (partition by landings.product order by landings.landed_at nulls last) as pause
    from landings
    group by landings.product, landings.landed_at
),

-- Between two deliveries lies a night, or a weekend: twice the longest of the last twenty pauses is more than that.
pauses as (
    select
        arrivals.product,
        max(arrivals.landed_at) as last_at,
        list(arrivals.pause order by arrivals.landed_at desc nulls last)[:20] as last_pauses
    from arrivals
    group by arrivals.product
    having count(arrivals.pause) >= 5
),

final as (
    select
        events.product,
        events.reason as kind,
        events.subject,
        events.message,
        events.batch_no
    from events
    union all
    select
        growth.product,
        'growth' as kind,
        growth.table_schema || '.' || growth.table_name as subject,
        growth.table_schema || '.' || growth.table_name
        || case
            when growth.batches_to_limit = 0 then ' has reached its limit: '
            else ' reaches its limit within {{ var("growth_alert_days") }} days: '
        end
        || 'operations.table_growth says when and why; make room, or set another limit.' as message,
        null as batch_no
    from growth
    where growth.days_to_limit < {{ number_var("growth_alert_days") }} or growth.batches_to_limit = 0
    union all
    select
        pauses.product,
        'overdue' as kind,
        'deliveries' as subject,
        'Nothing new has come for ' || pauses.product || ' since ' || strftime(pauses.last_at, '%Y-%m-%d %H:%M')
        || ' UTC, more than twice as long as any of the last pauses: look at what delivers it.' as message,
        null as batch_no
    from pauses
    where {{ run_started_timestamp() }} > pauses.last_at + 2 * greatest(list_max(pauses.last_pauses), interval 1 hour)
    union all
    select
        'operations' as product,
        'slow run' as kind,
        newest_run.run_id as subject,
        'The run of ' || strftime(newest_run.started_at, '%Y-%m-%d %H:%M') || ' UTC took ' || printf('%.0f', newest_run.seconds)
        || ' seconds, against ' || printf('%.0f', newest_run.usual_seconds) || ' usually: operations.run_steps says on what.' as message,
        null as batch_no
    from newest_run
    where
        newest_run.earlier_count >= 5
        and newest_run.seconds > 2 * newest_run.usual_seconds
        and newest_run.seconds > newest_run.usual_seconds + 60
)

select * from final
