-- Sums of integers (tenths of a percent, twentieths of polarity): the same bits whatever the number of threads. A table, because the trends
-- join it to itself.
{#- `e0` makes doubles of these numbers: Spark would divide decimals and keep seven digits. #}
{% set share_noise = "2 * sums.squared_row_count / pow(sums.row_count, 2)" %}
{% set sentiment_noise = "(2 * 0.02e0 * 0.02e0 + 0.05e0 * 0.05e0 / 12) / sums.value_count" %}
{% set columns = [
    "region_code", "proj_type_code", "role_count_day", "median_rate_day_usd", "lead_share_pct_day", "union_share_pct_day",
    "theme_ai_share_pct_day", "priced_share_pct", "sentiment_avg_day",
] %}

with cells as (
    select
        date_trunc('week', date_utc)::date as week_on,
        {{ columns | join(", ") }}
    from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
    union all
    select
        week_on,
        {{ columns | join(", ") }}
    from {{ ref("int_pulse__freeze_weeks") }}
    where reopened_at is null and suppression_reason is null and cell_level = 'week_region_type'
),

-- Least variance: that of the release's own noise or rounding.
amounts as (
    {%- for measure, column, units, least_variance in [
        ("day_rate_usd", "median_rate_day_usd", 1, "25 * 25 / (12e0 * sums.value_count)"),
        ("lead_share_pct", "lead_share_pct_day", 10, share_noise),
        ("union_share_pct", "union_share_pct_day", 10, share_noise),
        ("ai_share_pct", "theme_ai_share_pct_day", 10, share_noise),
        ("priced_share_pct", "priced_share_pct", 10, share_noise),
        ("sentiment", "sentiment_avg_day", 20, sentiment_noise),
    ] %}
        select
            sums.week_on,
            sums.region_code,
            sums.proj_type_code,
            '{{ measure }}' as measure,
            sums.value_count as cell_count,
            sums.weight_sum as row_count,
            (sums.weighted_sum / ({{ units }} * sums.weight_sum))::double as week_value,
            greatest(
                (sums.value_count * sums.squared_sum - sums.value_sum * sums.value_sum)::bigint
                / nullif({{ units * units }} * sums.value_count * sums.value_count * (sums.value_count - 1), 0),
                {{ least_variance }}
            )::double as variance
        from (
            select
                cells.week_on,
                cells.region_code,
                cells.proj_type_code,
                sum(cells.role_count_day)::bigint as row_count,
                sum(cells.role_count_day * cells.role_count_day)::bigint as squared_row_count,
                sum(cells.role_count_day) filter (where cells.{{ column }} is not null)::bigint as weight_sum,
                sum(round(cells.{{ column }} * {{ units }})::bigint * cells.role_count_day)::bigint as weighted_sum,
                count(cells.{{ column }}) as value_count,
                sum(round(cells.{{ column }} * {{ units }})::bigint)::bigint as value_sum,
                sum(pow(round(cells.{{ column }} * {{ units }}), 2)::bigint)::bigint as squared_sum
            from cells
            group by cells.week_on, cells.region_code, cells.proj_type_code
        ) as sums
        where sums.value_count > 0
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

counted as (
    select * from {{ ref("int_pulse__count_weeks") }}
    where region_code <> 'ALL'
),

-- A count is Poisson beside its noise, also that of the wider cell.
counts as (
    {%- for measure, count, units, per, least, most in [
        ("roles_per_day", "role_count", 1, "7", "counted.role_count / 7", "(counted.role_count + counted.hidden_role_count) / 7"),
        ("views_per_day", "view_count", 1, "7", "counted.view_count / 7", "counted.view_count / 7"),
        ("region_share_pct", "role_count", 100, "counted.type_role_count",
            "100 * counted.role_count / (counted.type_role_count + counted.mixed_role_count)",
            "least(100, 100 * (counted.role_count + counted.hidden_role_count) / counted.type_role_count)"),
    ] %}
        select
            counted.week_on,
            counted.region_code,
            counted.proj_type_code,
            '{{ measure }}' as measure,
            counted.cell_count,
            ({{ units }} * counted.{{ count }} / {{ per }})::double as week_value,
            (
                {{ units * units }} * (greatest(0, counted.{{ count }}) + 2 * (counted.cell_count + 1)) / ({{ per }} * {{ per }})
            )::double as variance,
            ({{ least }})::double as least_value,
            ({{ most }})::double as most_value
        from counted
        where {{ "counted.cell_count > 0" if count == "view_count" else "counted.has_roles" }}
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        amounts.week_on,
        amounts.region_code,
        amounts.proj_type_code,
        amounts.measure,
        amounts.cell_count,
        amounts.week_value,
        -- Two days may agree by chance: what is usual in the project type for so many rows is the least, too.
        greatest(
            amounts.variance,
            median(amounts.variance * amounts.row_count) over (partition by amounts.measure, amounts.proj_type_code) / amounts.row_count
        ) as variance,
        amounts.week_value as least_value,
        amounts.week_value as most_value
    from amounts
    union all
    select * from counts
)

select * from final
