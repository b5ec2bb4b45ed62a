{{ config(materialized="view", access="protected") }}

with data_alerts as (
    select * from {{ ref("int_resonance__data_alerts") }}
),

monitored as (
    select * from {{ ref("int_resonance__monitor") }}
    where is_newest and has_alarm
),

briefs as (
    select * from {{ ref("int_resonance__judge_briefs") }}
    where reject_reason is not null
),

answered as (
    select * from {{ ref("int_resonance__recommend") }}
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
    union all
    select
        'brief rejected' as kind,
        'brief ' || briefs.brief_no as subject,
        'Brief ' || briefs.brief_no || ' of seeds/resonance/briefs.csv is in quarantine: ' || briefs.problem as message
    from briefs
    union all
    select
        'brief not answered' as kind,
        'brief ' || answered.brief_no as subject,
        'Brief ' || answered.brief_no || ' of seeds/resonance/briefs.csv has no slate: ' || answered.problem as message
    from answered
    where answered.problem is not null
    union all
    select
        'slate short' as kind,
        'brief ' || answered.brief_no as subject,
        'Brief ' || answered.brief_no || ' of seeds/resonance/briefs.csv lacks ' || answered.missing_count
        || ' of the actors it asks for: ask for fewer, or loosen a filter.' as message
    from answered
    where answered.missing_count > 0
)

select * from final
