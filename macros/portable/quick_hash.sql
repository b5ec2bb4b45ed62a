{# A 64-bit hash for finding what may be equal. Each engine has its own: never store it, never publish it. #}
{% macro quick_hash(value) -%}
    {{ adapter.dispatch("quick_hash")(value) }}
{%- endmacro %}

{% macro duckdb__quick_hash(value) -%}
    hash({{ value }})
{%- endmacro %}

{% macro spark__quick_hash(value) -%}
    xxhash64({{ value }})
{%- endmacro %}
