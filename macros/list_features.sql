{# The features of each head as rows: the columns of the feature models that say in their yml when they are null. #}
{% macro list_features() -%}
    {%- set rows = [] -%}
    {%- for head, name in [("actor", "int_resonance__features"), ("director", "int_resonance__director_features")] -%}
        {%- set ns = namespace(position=0) -%}
        {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.name == name -%}
            {%- for column in node.columns.values() if column.config.meta.null_rule -%}
                {%- set ns.position = ns.position + 1 -%}
                {%- do rows.append({
                    "head": head, "position": ns.position, "feature": column.name, "data_type": column.data_type,
                    "null_rule": column.config.meta.null_rule, "description": column.description | trim,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for row in rows %}
    select
        {{ text_literal(row.head) }} as head,
        {{ row.position }} as position,
        {{ text_literal(row.feature) }} as feature,
        {{ text_literal(row.data_type) }} as data_type,
        {{ text_literal(row.null_rule) }} as null_rule,
        {{ text_literal(row.description) }} as description
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The names of a head's features, in their order. #}
{% macro feature_names(head) -%}
    {%- set model = {"actor": "int_resonance__features", "director": "int_resonance__director_features"}[head] -%}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.name == model -%}
        {%- for column in node.columns.values() if column.config.meta.null_rule -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# Which columns have one value, or none, in every row: one row with their names. Fewer than two rows say nothing about that. #}
{% macro constant_columns(relation, columns) -%}
    select
        concat_ws(
            ', '
            {%- for column in columns %},
            case when count(*) > 1 and min({{ column }}) is not distinct from max({{ column }}) and count({{ column }}) in (0, count(*)) then '{{ column }}' end
            {%- endfor %}
        ) as column_names
    from {{ relation }}
{%- endmacro %}
