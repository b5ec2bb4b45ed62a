{{ config(materialized="view", access="protected") }}

with data_alerts as (
    select * from {{ ref("int_resonance__data_alerts") }}
),

final as (
    select
        data_alerts.kind,
        data_alerts.subject,
        data_alerts.message
    from data_alerts
)

select * from final
