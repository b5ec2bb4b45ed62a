-- Sums of integers (tenths of a percent, twentieths of polarity): the same bits whatever the number of threads.
{{ config(materialized="view") }}

with released as (
    select * from {{ ref("pulse_release") }}
),

weeks as (
    select
        date_trunc('week', released.date_utc)::date as week_on,
        released.region_code,
        released.proj_type_code,
        count(*) as day_count,
        sum(released.role_count_day)::bigint as row_count,
        sum(released.role_count_day * released.role_count_day)::bigint as row_count_square,
        {{ weekly_sums("lead_share_pct_day", 10, "lead") }},
        {{ weekly_sums("union_share_pct_day", 10, "union") }},
        {{ weekly_sums("theme_ai_share_pct_day", 10, "ai") }},
        {{ weekly_sums("sentiment_avg_day", 20, "sentiment") }},
        {{ weekly_sums("median_rate_day_usd", 1, "rate") }}
    from released
    group by 1, 2, 3
),

final as (
    select
        weeks.*,
        sum(weeks.row_count) over (partition by weeks.week_on, weeks.proj_type_code)::bigint as type_row_count
    from weeks
)

select * from final
