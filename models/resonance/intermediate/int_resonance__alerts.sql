{{ config(materialized="view", access="protected") }}

with data_alerts as (
    select * from {{ ref("int_resonance__data_alerts") }}
),

monitored as (
    select * from {{ ref("int_resonance__monitor") }}
    where is_newest and has_alarm
),

final as (
    select
        data_alerts.kind,
        data_alerts.subject,
        data_alerts.message
    from data_alerts
    union all
    select
        'model ' || replace(monitored.check_name, '_', ' ') as kind,
        monitored.label || ' ' || monitored.subject as subject,
        {{ monitor_message("monitored") }} as message
    from monitored
)

select * from final
