{#
    Where DuckDB's planner is wrong about this data, a model leaves one of its steps out, between two hooks; the model says which and why.
#}
{% macro without_optimizer(name) -%}
    {%- if target.type == "duckdb" -%} set disabled_optimizers = '{{ name }}' {%- endif -%}
{%- endmacro %}

{% macro with_every_optimizer() -%}
    {%- if target.type == "duckdb" -%} reset disabled_optimizers {%- endif -%}
{%- endmacro %}
