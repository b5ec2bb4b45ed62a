-- Chance makes a larger difference less than once in a hundred quiet series of a year (benchmarks/pulse_trends.py).
{% set flagged_from = 5 %}

with shown as (
    select
        *,
        concat_ws('|', region_code, proj_type_code, measure) as series
    from {{ ref("int_pulse__measure_weeks") }}
),

-- Medians by a join: not every engine takes one over a window that moves.
medians as (
    select
        shown.week_on,
        shown.series,
        count(*) as week_count,
        avg(past.variance) as variance,
        max(case when past.week_on = shown.week_on - 7 then past.week_value end) as previous_week_value,
        median(past.week_value) as trailing_median,
        median(past.least_value) as trailing_least,
        median(past.most_value) as trailing_most
    from shown
    inner join shown as past
        on shown.series = past.series and past.week_on between shown.week_on - 28 and shown.week_on - 7
    group by shown.week_on, shown.series
),

compared as (
    select
        shown.*,
        medians.previous_week_value,
        medians.trailing_median,
        coalesce(medians.week_count, 0) as trailing_week_count,
        abs(shown.week_value - medians.trailing_median) as deviation,
        -- Hidden roles may lie between the least and the most value: only a gap between this week's range and the usual one counts.
        greatest(0, shown.least_value - medians.trailing_most) - greatest(0, medians.trailing_least - shown.most_value) as sure_difference,
        -- The variance is the mean of five weeks', as one week has few days. 1.3: 1 for this week, 0.3 for the median of the four before.
        sqrt(1.3 * coalesce((shown.variance + 4 * medians.variance) / 5, shown.variance)) as chance_spread
    from shown
    left join medians
        on shown.series = medians.series and shown.week_on = medians.week_on
),

-- How far half a year's weeks were from the four before them; fewer than six of them look quiet too often.
usual as (
    select
        compared.week_on,
        compared.series,
        median(past.deviation) as deviation
    from compared
    inner join compared as past
        on compared.series = past.series and past.week_on between compared.week_on - 182 and compared.week_on - 7
    where past.trailing_week_count >= 3
    group by compared.week_on, compared.series
    having count(*) >= 6
),

-- Roles come in projects, and a notice is seen on several days: all series of a measure together tell how much more than chance is usual.
spread as (
    select
        compared.*,
        greatest(
            compared.chance_spread,
            compared.chance_spread * 1.4826 * median(compared.deviation / compared.chance_spread) over (partition by compared.measure),
            1.4826 * coalesce(usual.deviation, 0)
        ) as usual_spread
    from compared
    left join usual
        on compared.series = usual.series and compared.week_on = usual.week_on
),

scored as (
    select
        spread.*,
        case
            when spread.trailing_week_count >= 3 and (spread.cell_count >= 2 or spread.measure in ('roles_per_day', 'region_share_pct'))
                then {{ rounded("spread.sure_difference / spread.usual_spread", 2) }}
        end as robust_z
    from spread
),

final as (
    select
        scored.week_on::date as week_on,
        scored.region_code::string as region_code,
        scored.proj_type_code::string as proj_type_code,
        scored.measure::string as measure,
        scored.cell_count::bigint as published_day_count,
        {{ rounded("scored.week_value", 4) }}::double as week_value,
        {{ rounded("scored.previous_week_value", 4) }}::double as previous_week_value,
        {{ rounded("scored.week_value - scored.previous_week_value", 4) }}::double as change_from_previous_week,
        {{ rounded("scored.trailing_median", 4) }}::double as trailing_median,
        scored.trailing_week_count::bigint as trailing_week_count,
        {{ rounded("scored.chance_spread", 4) }}::double as chance_spread,
        scored.robust_z::double as robust_z,
        case
            when scored.measure = 'day_rate_usd' and scored.robust_z >= {{ flagged_from }} then 'rate rise'
            when scored.measure = 'roles_per_day' and scored.robust_z >= {{ flagged_from }} then 'surge'
            when scored.measure = 'region_share_pct' and abs(scored.robust_z) >= {{ flagged_from }} then 'regional shift'
        end::string as finding,
        {{ rounded("scored.least_value", 4) }}::double as least_value,
        {{ rounded("scored.most_value", 4) }}::double as most_value,
        {{ rounded("scored.usual_spread", 4) }}::double as usual_spread
    from scored
)

select * from final
