-- Sums of integers (tenths of a percent, twentieths of polarity): the same bits whatever the number of threads. A table, because the trends
-- read it once for each measure.

with released as (
    select * from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
),

weeks as (
    select
        date_trunc('week', released.date_utc)::date as week_on,
        released.region_code,
        released.proj_type_code,
        count(*) as day_count,
        sum(released.role_count_day)::bigint as row_count,
        -- Noise of scale 1 on each day's share has this variance in their weighted mean.
        2 * sum(released.role_count_day * released.role_count_day)::bigint
        / pow(sum(released.role_count_day)::bigint, 2) as share_noise_variance,
        {{ weekly_sums("lead_share_pct_day", 10, "lead") }},
        {{ weekly_sums("union_share_pct_day", 10, "union") }},
        {{ weekly_sums("theme_ai_share_pct_day", 10, "ai") }},
        {{ weekly_sums("sentiment_avg_day", 20, "sentiment") }},
        {{ weekly_sums("median_rate_day_usd", 1, "rate") }}
    from released
    group by 1, 2, 3
),

types as (
    select
        date_trunc('week', released.date_utc)::date as week_on,
        released.proj_type_code,
        count(distinct released.date_utc) as type_day_count,
        sum(released.role_count_day)::bigint as type_row_count
    from released
    group by 1, 2
),

buckets as (
    select distinct
        weeks.region_code,
        weeks.proj_type_code
    from weeks
),

-- A region that is published in one week and not in the next has moved, too: its share is 0 there.
final as (
    select
        types.week_on,
        buckets.region_code,
        buckets.proj_type_code,
        types.type_day_count,
        types.type_row_count,
        coalesce(weeks.day_count, 0) as day_count,
        coalesce(weeks.row_count, 0) as row_count,
        weeks.share_noise_variance,
        weeks.lead_value,
        weeks.lead_variance,
        weeks.union_value,
        weeks.union_variance,
        weeks.ai_value,
        weeks.ai_variance,
        weeks.sentiment_value,
        weeks.sentiment_variance,
        weeks.rate_value,
        weeks.rate_variance
    from types
    inner join buckets
        on types.proj_type_code = buckets.proj_type_code
    left join weeks
        on
            types.week_on = weeks.week_on
            and buckets.region_code = weeks.region_code
            and buckets.proj_type_code = weeks.proj_type_code
)

select * from final
