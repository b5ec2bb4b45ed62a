{#
    The quantile of scores given as counts, interpolated as numpy's default and quantile_cont do, as an aggregate over rows that hold a score, how
    often it occurs (`here`), how many scores are not above it (`up_to`) and how many there are (`total`).
#}
{% macro quantile_of_counts(share, score, here, up_to, total) -%}
    {%- set rank = "(" ~ share ~ "::double * (" ~ total ~ " - 1))" -%}
    {%- set below = "min(" ~ score ~ ") filter (where " ~ here ~ " > 0 and " ~ up_to ~ " > floor(" ~ rank ~ "))" -%}
    {%- set above = "min(" ~ score ~ ") filter (where " ~ here ~ " > 0 and " ~ up_to ~ " > ceil(" ~ rank ~ "))" -%}
    {{ below }} + ({{ rank }} - floor({{ rank }})) * ({{ above }} - {{ below }})
{%- endmacro %}

{#
    How many scores fall into each tenth of a baseline, as a list of ten. The j-th edge is the lowest score that j tenths of the baseline do not
    exceed; a score on an edge belongs below it. By ranks: no edge is ever computed, so none is ever rounded.
#}
{% macro counts_by_tenth(counted, there, there_up_to, there_count) -%}
    {%- set tenth = "least(9, floor(10 * (" ~ there_up_to ~ " - " ~ there ~ ") / nullif(" ~ there_count ~ ", 0)))" -%}
    {%- set tenths = [] -%}
    {%- for number in range(10) -%}
        {%- do tenths.append("coalesce(sum(" ~ counted ~ ") filter (where " ~ tenth ~ " = " ~ number ~ "), 0)::bigint") -%}
    {%- endfor -%}
    case
        when {{ there_count }} > 0
            then {{ list_of(tenths) }}
    end
{%- endmacro %}
