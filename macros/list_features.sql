{#
    The features of each head: the columns of the feature models that say in their yml when they are null.
#}
{% macro feature_columns(head) -%}
    {%- set model = {"actor": "int_resonance__features", "director": "int_resonance__director_features"}[head] -%}
    {%- set columns = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.name == model -%}
        {%- for column in node.columns.values() if column.config.meta.null_rule -%}
            {%- do columns.append(column) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# The names of a head's features, in their order. #}
{% macro feature_names(head) -%}
    {{ return(feature_columns(head) | map(attribute="name") | list) }}
{%- endmacro %}

{# The same as rows, with what they mean. #}
{% macro list_features() -%}
    {%- for head in ["actor", "director"] %}
    {%- for column in feature_columns(head) %}
    select
        {{ text_literal(head) }} as head,
        {{ loop.index }} as position,
        {{ text_literal(column.name) }} as feature,
        {{ text_literal(column.data_type) }} as data_type,
        {{ text_literal(column.config.meta.null_rule) }} as null_rule,
        {{ text_literal(column.description | trim) }} as description
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
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
