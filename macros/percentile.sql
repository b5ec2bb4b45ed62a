{# The percentile of a score, 0-100: `lower` of `total` scores are strictly lower than it, and `equal` are equal, itself included. #}
{% macro percentile(lower, equal, total) -%}
    {%- set method = choice_var("percentiles_method", ["mid_rank", "weak", "strict"]) -%}
    {%- if method == "mid_rank" -%}
        100.0 * (2 * {{ lower }} + {{ equal }}) / (2 * {{ total }})::double
    {%- elif method == "weak" -%}
        100.0 * ({{ lower }} + {{ equal }}) / {{ total }}::double
    {%- else -%}
        100.0 * {{ lower }} / {{ total }}::double
    {%- endif -%}
{%- endmacro %}
