with rows_kept as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null
),

parsed as (
    select
        rows_kept.rate,
        parse_rate(rows_kept.rate, {{ number_var("pulse_rate_limit") }}) as parsed
    from rows_kept
    where rows_kept.rate is not null
    group by rows_kept.rate
),

final as (
    select
        parsed.rate,
        parsed.parsed.rate_day_usd as rate_day_usd,
        parsed.parsed.rate_reason as rate_reason,
        parsed.parsed.rate_basis as rate_basis,
        parsed.parsed.is_bare_dollar as is_bare_dollar
    from parsed
)

select * from final
