{#
    An aggregate that takes its rows in a stated order, so that sums of doubles come out the same to the last bit. Spark knows an order for texts
    only: its sums differ in their last bits from run to run.
#}
{% macro ordered(function, arguments, order) -%}
    {{ adapter.dispatch("ordered")(function, arguments, order) }}
{%- endmacro %}

{% macro duckdb__ordered(function, arguments, order) -%}
    {{ function }}({{ arguments }} order by {{ order }})
{%- endmacro %}

{% macro spark__ordered(function, arguments, order) -%}
    {{ function }}({{ arguments }}) {{- " within group (order by " ~ order ~ ")" if function == "string_agg" }}
{%- endmacro %}
