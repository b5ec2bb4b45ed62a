-- Sums of integers (tenths of a percent, twentieths of polarity): the same bits whatever the number of threads. A table, because the trends
-- join it to itself.
{% set share_noise = "2 * sums.squared_row_count / pow(sums.row_count, 2)" %}
{% set sentiment_noise = "(2 * 0.02 * 0.02 + 0.05 * 0.05 / 12) / sums.day_count" %}

with released as (
    select
        *,
        date_trunc('week', date_utc)::date as week_on
    from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
),

-- Least variance: that of the release's own noise or rounding.
amounts as (
    {%- for measure, column, units, least_variance in [
        ("day_rate_usd", "median_rate_day_usd", 1, "25 * 25 / (12.0 * sums.day_count)"),
        ("lead_share_pct", "lead_share_pct_day", 10, share_noise),
        ("union_share_pct", "union_share_pct_day", 10, share_noise),
        ("ai_share_pct", "theme_ai_share_pct_day", 10, share_noise),
        ("sentiment", "sentiment_avg_day", 20, sentiment_noise),
    ] %}
        select
            sums.week_on,
            sums.region_code,
            sums.proj_type_code,
            '{{ measure }}' as measure,
            sums.day_count,
            (sums.weighted_sum / ({{ units }} * sums.weight_sum))::double as week_value,
            greatest(
                (sums.value_count * sums.squared_sum - sums.value_sum * sums.value_sum)::bigint
                / nullif({{ units * units }} * sums.value_count * sums.value_count * (sums.value_count - 1), 0),
                {{ least_variance }}
            )::double as variance
        from (
            select
                released.week_on,
                released.region_code,
                released.proj_type_code,
                count(*) as day_count,
                sum(released.role_count_day)::bigint as row_count,
                sum(released.role_count_day * released.role_count_day)::bigint as squared_row_count,
                sum(released.role_count_day) filter (where released.{{ column }} is not null)::bigint as weight_sum,
                sum(round(released.{{ column }} * {{ units }})::bigint * released.role_count_day)::bigint as weighted_sum,
                count(released.{{ column }}) as value_count,
                sum(round(released.{{ column }} * {{ units }})::bigint)::bigint as value_sum,
                sum(pow(round(released.{{ column }} * {{ units }}), 2)::bigint)::bigint as squared_sum
            from released
            group by released.week_on, released.region_code, released.proj_type_code
        ) as sums
        where sums.value_count > 0
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

types as (
    select
        released.week_on,
        released.proj_type_code,
        count(distinct released.date_utc) as type_day_count,
        sum(released.role_count_day)::bigint as type_row_count
    from released
    group by released.week_on, released.proj_type_code
),

buckets as (
    select distinct
        released.region_code,
        released.proj_type_code
    from released
),

-- A region that is published in one week and not in the next has moved, too: its share is 0 there.
weeks as (
    select
        types.week_on,
        buckets.region_code,
        types.proj_type_code,
        min(types.type_day_count) as type_day_count,
        min(types.type_row_count) as type_row_count,
        count(released.date_utc) as day_count,
        coalesce(sum(released.role_count_day), 0)::bigint as row_count
    from types
    inner join buckets
        on types.proj_type_code = buckets.proj_type_code
    left join released
        on
            types.week_on = released.week_on
            and buckets.region_code = released.region_code
            and buckets.proj_type_code = released.proj_type_code
    group by types.week_on, buckets.region_code, types.proj_type_code
),

-- A count is Poisson beside its noise.
final as (
    select * from amounts
    union all
    select
        weeks.week_on,
        weeks.region_code,
        weeks.proj_type_code,
        'roles_per_day' as measure,
        weeks.day_count,
        (weeks.row_count / weeks.day_count)::double as week_value,
        ((weeks.row_count + 2 * weeks.day_count) / (weeks.day_count * weeks.day_count))::double as variance
    from weeks
    where weeks.day_count > 0
    union all
    select
        weeks.week_on,
        weeks.region_code,
        weeks.proj_type_code,
        'region_share_pct' as measure,
        weeks.type_day_count as day_count,
        (weeks.row_count * 100 / weeks.type_row_count)::double as week_value,
        (10000 * (weeks.row_count + 2 * weeks.type_day_count) / (weeks.type_row_count * weeks.type_row_count))::double as variance
    from weeks
)

select * from final
