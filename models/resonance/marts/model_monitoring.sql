{{ config(materialized="view") }}

with monitored as (
    select * from {{ ref("int_resonance__monitor") }}
),

final as (
    select
        monitored.model_run_id::varchar as model_run_id,
        monitored.run_no::bigint as run_no,
        monitored.is_newest::boolean as is_newest,
        monitored.label::varchar as label,
        monitored.check_name::varchar as check_name,
        monitored.subject::varchar as subject,
        monitored.value::double as value,
        monitored.reference_value::double as reference_value,
        monitored.limit_value::double as limit_value,
        monitored.has_alarm::boolean as has_alarm
    from monitored
)

select * from final
