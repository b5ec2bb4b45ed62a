-- Five rows, because one row dated next year must not close this one.
{{ config(materialized="view") }}

with daily as (
    select * from {{ ref("int_pulse__sum_days") }}
),

released as (
    select distinct date_utc from {{ ref("int_pulse__log_releases") }}
),

days as (
    select
        daily.date_utc,
        sum(daily.role_count_day) as row_count
    from daily
    group by daily.date_utc
),

newest as (
    select max(days.date_utc) as date_utc
    from days
    where days.row_count >= 5
),

final as (
    select days.date_utc
    from days
    cross join newest
    left join released
        on days.date_utc = released.date_utc
    where
        released.date_utc is null
        and (
            {{ whole_number_var("pulse_open_days", 0) }} = 0
            or days.date_utc <= newest.date_utc - {{ whole_number_var("pulse_open_days", 0) }}
        )
)

select * from final
