{% macro spark__landed_dataset() -%}
    deliveries.dataset
{%- endmacro %}
