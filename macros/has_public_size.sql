{#
    Whether the size of a table may be public. How many rows a table has is a total: with it, what a release holds back could be found by
    subtraction. Tables with `meta: {size: internal}` stay out; operations.table_sizes, which is internal, has them all.
#}
{% macro has_public_size(schema_column, table_column) -%}
    {%- set hidden = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.config.meta.get("size") == "internal" -%}
        {%- do hidden.append("(" ~ text_literal(node.schema) ~ ", " ~ text_literal(node.alias) ~ ")") -%}
    {%- endfor -%}
    {%- if hidden -%} ({{ schema_column }}, {{ table_column }}) not in ({{ hidden | sort | join(", ") }}) {%- else -%} true {%- endif -%}
{%- endmacro %}
