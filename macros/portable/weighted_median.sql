{# The median of the numbers that are not null, each as often as its weight says, as an aggregate. #}
{% macro weighted_median(number, weight) -%}
    {{ adapter.dispatch("weighted_median")(number, weight) }}
{%- endmacro %}

{% macro duckdb__weighted_median(number, weight) -%}
    list_median(flatten(
            list(list_resize([{{ number }}], {{ weight }}, {{ number }})) filter (where {{ number }} is not null)
        ))
{%- endmacro %}

{% macro spark__weighted_median(number, weight) -%}
    percentile({{ number }}, 0.5, {{ weight }})
{%- endmacro %}
