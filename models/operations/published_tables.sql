-- Written from the project itself, so that publishing and the app need neither dbt nor its manifest.
{{ config(materialized="table") }}

{%- set nodes = graph.get("nodes", {}).values() | sort(attribute="unique_id") -%}
{%- set keys = {} -%}
{%- for node in nodes if node.resource_type == "test" and node.test_metadata and node.test_metadata.name == "unique_key" -%}
    {%- do keys.update({node.attached_node: node.test_metadata.kwargs.columns}) -%}
{%- endfor %}

with final as (
    {%- for node in nodes if node.resource_type == "model" and node.config.access == "public" %}
        {{ "union all" if not loop.first }}
        select
            {{ text_literal(node.schema) }}::varchar as table_schema,
            {{ text_literal(node.alias) }}::varchar as table_name,
            {{ text_literal(node.config.meta.audience) }}::varchar as audience,
            {{ text_literal(keys.get(node.unique_id, []) | join(",")) }}::varchar as key_columns,
            {{ text_literal(node.description | trim) }}::varchar as description
    {%- endfor %}
)

select * from final
