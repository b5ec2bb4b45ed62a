{# Up to 15 hexadecimal digits as a number. #}
{% macro hex_number(digits) -%}
    {{ adapter.dispatch("hex_number")(digits) }}
{%- endmacro %}

{% macro duckdb__hex_number(digits) -%}
    cast('0x' || {{ digits }} as bigint)
{%- endmacro %}

{% macro spark__hex_number(digits) -%}
    cast(conv({{ digits }}, 16, 10) as bigint)
{%- endmacro %}
