{# The places in a list, from 1 on, as a list. #}
{% macro positions_of(list) -%}
    {{ adapter.dispatch("positions_of")(list) }}
{%- endmacro %}

{% macro duckdb__positions_of(list) -%}
    range(1, len({{ list }}) + 1)
{%- endmacro %}

{% macro spark__positions_of(list) -%}
    case when size({{ list }}) > 0 then sequence(1, size({{ list }})) end
{%- endmacro %}
