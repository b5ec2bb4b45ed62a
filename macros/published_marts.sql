{# Every enabled mart with its audience and the columns of its key test, in one order. #}
{% macro published_marts() -%}
    {%- set keys = {} -%}
    {%- for test in graph.nodes.values() if test.resource_type == "test" and test.test_metadata -%}
        {%- if test.test_metadata.name == "unique_key" -%}
            {%- do keys.update({test.attached_node: test.test_metadata.kwargs.columns}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set marts = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute="unique_id")
        if node.resource_type == "model" and node.config.access == "public" -%}
        {%- do marts.append({
            "schema": node.schema,
            "name": node.alias,
            "audience": node.config.meta.audience,
            "key": keys.get(node.unique_id, []),
            "description": node.description | trim,
        }) -%}
    {%- endfor -%}
    {{ return(marts) }}
{%- endmacro %}

{# The same as rows. #}
{% macro list_published_marts() -%}
    {%- for mart in (published_marts() if execute else []) %}
    select
        {{ text_literal(mart.schema) }} as table_schema,
        {{ text_literal(mart.name) }} as table_name,
        {{ text_literal(mart.audience) }} as audience,
        {{ text_literal(mart.key | join(",")) }} as key_columns,
        {{ text_literal(mart.description) }} as description
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
