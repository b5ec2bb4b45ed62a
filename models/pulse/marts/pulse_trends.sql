{% set flagged_from = 3 %}

with shown as (
    select * from {{ ref("int_pulse__measure_weeks") }}
),

-- Medians by a join: not every engine takes one over a window that moves.
paired as (
    select
        shown.week_on,
        shown.region_code,
        shown.proj_type_code,
        shown.measure,
        past.week_value as past_value,
        median(past.week_value) over (
            partition by shown.week_on, shown.region_code, shown.proj_type_code, shown.measure
        ) as trailing_median
    from shown
    inner join shown as past
        on
            shown.region_code = past.region_code
            and shown.proj_type_code = past.proj_type_code
            and shown.measure = past.measure
            and past.week_on between shown.week_on - 28 and shown.week_on - 7
),

medians as (
    select
        paired.week_on,
        paired.region_code,
        paired.proj_type_code,
        paired.measure,
        min(paired.trailing_median) as trailing_median,
        median(abs(paired.past_value - paired.trailing_median)) as own_deviation
    from paired
    group by paired.week_on, paired.region_code, paired.proj_type_code, paired.measure
),

compared as (
    select
        shown.*,
        max(shown.week_value) over previous_week as previous_week_value,
        count(shown.week_value) over four_weeks as trailing_week_count,
        avg(shown.variance) over four_weeks as trailing_variance
    from shown
    window
        previous_week as (
            partition by shown.region_code, shown.proj_type_code, shown.measure
            order by shown.week_on asc nulls last
            range between interval 7 days preceding and interval 7 days preceding
        ),
        four_weeks as (
            partition by shown.region_code, shown.proj_type_code, shown.measure
            order by shown.week_on asc nulls last
            range between interval 28 days preceding and interval 7 days preceding
        )
),

spread as (
    select
        compared.*,
        medians.trailing_median,
        -- One variance from all five weeks, since a week's own days are few; 1.3: one week's, and 0.3 for the median of four.
        sqrt(1.3 * coalesce((compared.variance + 4 * compared.trailing_variance) / 5, compared.variance)) as chance_spread,
        1.4826 * medians.own_deviation as own_spread
    from compared
    left join medians
        on
            compared.week_on = medians.week_on
            and compared.region_code = medians.region_code
            and compared.proj_type_code = medians.proj_type_code
            and compared.measure = medians.measure
),

scored as (
    select
        spread.*,
        case
            when spread.trailing_week_count >= 3 and spread.day_count >= 2
                then {{ rounded("(spread.week_value - spread.trailing_median) / greatest(spread.chance_spread, spread.own_spread)", 2) }}
        end as robust_z
    from spread
),

final as (
    select
        scored.week_on::date as week_on,
        scored.region_code::string as region_code,
        scored.proj_type_code::string as proj_type_code,
        scored.measure::string as measure,
        scored.day_count::bigint as published_day_count,
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
        end::string as finding
    from scored
)

select * from final
