{% set flagged_from = 3 %}

with weeks as (
    select * from {{ ref("int_pulse__sum_weeks") }}
),

measured as (
    select
        weeks.week_on,
        weeks.region_code,
        weeks.proj_type_code,
        unnest({{ trend_measures("weeks") }}, recursive := true)  -- noqa: AL03
    from weeks
),

compared as (
    select
        measured.*,
        max(measured.week_value) over previous_week as previous_week_value,
        median(measured.week_value) over four_weeks as trailing_median,
        list(measured.week_value) over four_weeks as trailing_values,
        count(measured.week_value) over four_weeks as trailing_week_count,
        avg(measured.variance) over four_weeks as trailing_variance
    from measured
    where measured.week_value is not null
    window
        previous_week as (
            partition by measured.region_code, measured.proj_type_code, measured.measure
            order by measured.week_on
            range between interval 7 days preceding and interval 7 days preceding
        ),
        four_weeks as (
            partition by measured.region_code, measured.proj_type_code, measured.measure
            order by measured.week_on
            range between interval 28 days preceding and interval 7 days preceding
        )
),

spread as (
    select
        compared.*,
        -- One variance from all five weeks, since a week's own days are few; 1.3: one week's, and 0.3 for the median of four.
        sqrt(1.3 * coalesce((compared.variance + 4 * compared.trailing_variance) / 5, compared.variance)) as chance_spread,
        1.4826 * list_median(
            list_transform(compared.trailing_values, lambda past: abs(past - compared.trailing_median))  -- noqa: RF03
        ) as own_spread
    from compared
),

scored as (
    select
        spread.*,
        case
            when spread.trailing_week_count >= 3 and spread.day_count >= 2
                then round((spread.week_value - spread.trailing_median) / greatest(spread.chance_spread, spread.own_spread), 2)
        end as robust_z
    from spread
),

final as (
    select
        scored.week_on::date as week_on,
        scored.region_code::varchar as region_code,
        scored.proj_type_code::varchar as proj_type_code,
        scored.measure::varchar as measure,
        scored.day_count::bigint as published_day_count,
        round(scored.week_value, 4)::double as week_value,
        round(scored.previous_week_value, 4)::double as previous_week_value,
        round(scored.week_value - scored.previous_week_value, 4)::double as change_from_previous_week,
        round(scored.trailing_median, 4)::double as trailing_median,
        scored.trailing_week_count::bigint as trailing_week_count,
        round(scored.chance_spread, 4)::double as chance_spread,
        scored.robust_z::double as robust_z,
        case
            when scored.measure = 'day_rate_usd' and scored.robust_z >= {{ flagged_from }} then 'rate rise'
            when scored.measure = 'roles_per_day' and scored.robust_z >= {{ flagged_from }} then 'surge'
            when scored.measure = 'region_share_pct' and abs(scored.robust_z) >= {{ flagged_from }} then 'regional shift'
        end::varchar as finding
    from scored
)

select * from final
