{# A cluster keeps its own history of what ran. #}
{% macro spark__create_run_log() -%}
{%- endmacro %}
