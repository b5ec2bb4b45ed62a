{#
    DuckDB hashes the side of a join that it takes for the smaller one. Of a window's assets and the curve it takes the assets, eight times as many
    rows as it thinks, and the join takes twice as long. Between these two hooks the right side of each join is hashed, as written.
#}
{% macro hash_right_sides() -%}
    {%- if target.type == "duckdb" -%} set disabled_optimizers = 'build_side_probe_side' {%- endif -%}
{%- endmacro %}

{% macro hash_planned_sides() -%}
    {%- if target.type == "duckdb" -%} reset disabled_optimizers {%- endif -%}
{%- endmacro %}
