{# A double to so many decimals. Not round(number, decimals): one engine rounds the double, another the decimals it prints as. #}
{% macro rounded(number, decimals) -%}
    (round(({{ number }}) * {{ 10 ** decimals }}) / {{ 10 ** decimals }})
{%- endmacro %}

{# Of one column of the release in a week: its mean weighted by the counts, and the variance of that mean as its days show it. #}
{% macro weekly_sums(column, units, name) -%}
    sum(round({{ column }} * {{ units }})::bigint * role_count_day)::bigint
            / ({{ units }} * sum(role_count_day) filter (where {{ column }} is not null)::bigint) as {{ name }}_value,
        (
            count({{ column }}) * sum(round({{ column }} * {{ units }})::bigint * round({{ column }} * {{ units }})::bigint)
            - sum(round({{ column }} * {{ units }})::bigint) * sum(round({{ column }} * {{ units }})::bigint)
        )::bigint / nullif(
            {{ units * units }} * count({{ column }}) * count({{ column }}) * (count({{ column }}) - 1), 0
        ) as {{ name }}_variance
{%- endmacro %}

{#
    The measures of a week, a row each, with the variance of its value: what its days show, but at least the noise of the release itself. A count
    is Poisson beside its noise.
#}
{% macro trend_measures(weeks) -%}
    {%- for measure, days, value, variance in [
        ("day_rate_usd", "day_count", "rate_value", "greatest(w.rate_variance, 25 * 25 / (12.0 * nullif(w.day_count, 0)))"),
        ("roles_per_day", "day_count", "row_count / nullif(w.day_count, 0)", "(w.row_count + 2 * w.day_count) / nullif(w.day_count * w.day_count, 0)"),
        ("region_share_pct", "type_day_count", "row_count * 100 / w.type_row_count",
            "10000 * (w.row_count + 2 * w.type_day_count) / (w.type_row_count * w.type_row_count)"),
        ("lead_share_pct", "day_count", "lead_value", "greatest(w.lead_variance, w.share_noise_variance)"),
        ("union_share_pct", "day_count", "union_value", "greatest(w.union_variance, w.share_noise_variance)"),
        ("ai_share_pct", "day_count", "ai_value", "greatest(w.ai_variance, w.share_noise_variance)"),
        ("sentiment", "day_count", "sentiment_value", "greatest(w.sentiment_variance, (2 * 0.02 * 0.02 + 0.05 * 0.05 / 12) / nullif(w.day_count, 0))"),
    ] %}
        select
            {{ weeks }}.week_on,
            {{ weeks }}.region_code,
            {{ weeks }}.proj_type_code,
            '{{ measure }}' as measure,
            {{ weeks }}.{{ days }} as day_count,
            ({{ ("w." ~ value) | replace("w.", weeks ~ ".") }})::double as week_value,
            ({{ variance | replace("w.", weeks ~ ".") }})::double as variance
        from {{ weeks }}
        {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
