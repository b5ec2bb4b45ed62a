{# One row for each element of a list, in a select list. #}
{% macro exploded(list) -%}
    {{ adapter.dispatch("exploded")(list) }}
{%- endmacro %}

{% macro duckdb__exploded(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__exploded(list) -%}
    explode({{ list }})
{%- endmacro %}
