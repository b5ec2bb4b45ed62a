with notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

rates as (
    select notices.rate
    from notices
    where notices.rate is not null
    group by notices.rate
),

parsed as (
    select
        rates.rate,
        parse_rate(rates.rate, {{ number_var("pulse_rate_limit") }}) as parsed
    from rates
),

final as (
    select
        parsed.rate,
        parsed.parsed.rate_day_usd,
        parsed.parsed.rate_reason,
        parsed.parsed.rate_basis,
        parsed.parsed.is_bare_dollar
    from parsed
)

select * from final
