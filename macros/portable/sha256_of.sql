{# SHA-256 of a text, as hexadecimal digits. #}
{% macro sha256_of(text) -%}
    {{ adapter.dispatch("sha256_of")(text) }}
{%- endmacro %}

{% macro duckdb__sha256_of(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256_of(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}
