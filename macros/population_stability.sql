{#
    Population stability index of two lists of ten counts. Bins that are empty in both are left out; half a score is added to each other bin, so that
    an empty one is a large finite difference and not an infinite one.
#}
{% macro population_stability(counts, baseline_counts) -%}
    {%- set used = "list_filter(list_zip(" ~ counts ~ ", " ~ baseline_counts ~ "), lambda bin: bin[1] + bin[2] > 0)" -%}
    {%- set here = "((bin[1] + 0.5) / (list_sum(" ~ counts ~ ") + 0.5 * len(" ~ used ~ ")))" -%}
    {%- set there = "((bin[2] + 0.5) / (list_sum(" ~ baseline_counts ~ ") + 0.5 * len(" ~ used ~ ")))" -%}
    list_sum(list_transform({{ used }}, lambda bin: ({{ here }} - {{ there }}) * ln({{ here }} / {{ there }})))
{%- endmacro %}
