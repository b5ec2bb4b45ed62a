{# The features of a head, actor or director: the columns of its feature model that say in their yml when they are null. #}
{% macro feature_columns(head) -%}
    {%- set model = {"actor": "int_resonance__features", "director": "int_resonance__director_features"}[head] -%}
    {%- set columns = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.name == model -%}
        {%- do columns.extend(node.columns.values() | selectattr("config.meta.null_rule")) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
