{#
    The mid-rank percentile of any score, as an aggregate over the rows of percentile_curve of one (iteration, industry): group by both.
    The score need not occur in the window.
#}
{% macro percentile_of(score, curve="curve") -%}
    100.0 * (
        coalesce(sum({{ curve }}.equal_count) filter (where {{ curve }}.score < {{ score }}), 0)
        + coalesce(sum({{ curve }}.equal_count) filter (where {{ curve }}.score = {{ score }}), 0) / 2.0
    ) / sum({{ curve }}.equal_count)
{%- endmacro %}
