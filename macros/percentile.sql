{#
    The percentile of a score, 0-100, of which `lower` of `total` scores are strictly lower and `equal` equal.
    normal needs the window's `mean` and `deviation`; a window whose scores are all tied has none, and every score is at 50.
#}
{% macro percentile(lower, equal, total, score, mean, deviation) -%}
    {%- set method = choice_var("percentiles_method", ["mid_rank", "weak", "strict", "normal"]) -%}
    {%- if method == "mid_rank" -%}
        100.0 * (2 * {{ lower }} + {{ equal }}) / (2 * {{ total }})::double
    {%- elif method == "weak" -%}
        100.0 * ({{ lower }} + {{ equal }}) / {{ total }}::double
    {%- elif method == "strict" -%}
        100.0 * {{ lower }} / {{ total }}::double
    {%- else -%}
        case when {{ mean }} is null then null when {{ deviation }} > 0 then 100.0 * {{ normal_cdf("(" ~ score ~ " - " ~ mean ~ ") / " ~ deviation) }} else 50.0 end
    {%- endif -%}
{%- endmacro %}
