{# Spark reads two quotes as two texts in a row, and a backslash as the start of an escape. #}
{% macro spark__text_literal(text) -%}
    '{{ text | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
