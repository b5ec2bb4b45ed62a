{# Expressions as one list. #}
{% macro list_of(items) -%}
    {{ adapter.dispatch("list_of")(items) }}
{%- endmacro %}

{% macro duckdb__list_of(items) -%}
    [{{ items | join(", ") }}]
{%- endmacro %}

{% macro spark__list_of(items) -%}
    array({{ items | join(", ") }})
{%- endmacro %}
