{#
    Population stability index of two lists of ten counts. Bins that are empty in both are left out; half a score is added to each other bin, so that
    an empty one is a large finite difference and not an infinite one.
#}
{% macro population_stability(counts, baseline_counts) -%}
    {{ adapter.dispatch("population_stability")(counts, baseline_counts) }}
{%- endmacro %}

{% macro duckdb__population_stability(counts, baseline_counts) -%}
    {%- set used = "list_filter(list_zip(" ~ counts ~ ", " ~ baseline_counts ~ "), lambda bin: bin[1] + bin[2] > 0)" -%}
    {%- set here = "((bin[1] + 0.5) / (list_sum(" ~ counts ~ ") + 0.5 * len(" ~ used ~ ")))" -%}
    {%- set there = "((bin[2] + 0.5) / (list_sum(" ~ baseline_counts ~ ") + 0.5 * len(" ~ used ~ ")))" -%}
    list_sum(list_transform({{ used }}, lambda bin: ({{ here }} - {{ there }}) * ln({{ here }} / {{ there }})))
{%- endmacro %}

{% macro spark__population_stability(counts, baseline_counts) -%}
    {%- set used = "filter(zip_with(" ~ counts ~ ", " ~ baseline_counts ~ ", (h, t) -> struct(h, t)), bin -> bin.h + bin.t > 0)" -%}
    {%- set total = "(aggregate(%s, 0L, (whole, part) -> whole + part) + 0.5D * size(" ~ used ~ "))" -%}
    {%- set here = "((bin.h + 0.5D) / " ~ total % counts ~ ")" -%}
    {%- set there = "((bin.t + 0.5D) / " ~ total % baseline_counts ~ ")" -%}
    aggregate(transform({{ used }}, bin -> ({{ here }} - {{ there }}) * ln({{ here }} / {{ there }})), 0D, (whole, part) -> whole + part)
{%- endmacro %}
