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
