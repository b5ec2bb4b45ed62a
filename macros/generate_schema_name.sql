{# Schemas are named as they are: no target prefix, so that a query in the docs runs as printed. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
