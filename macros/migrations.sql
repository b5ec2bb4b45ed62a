{#
    A database that an earlier release wrote is brought to where this one expects its state, when a run starts. Derived tables need nothing: they are
    made anew.
#}
{% macro bring_up_to_date() -%}
    {#- A database that no run has written to has no log of runs, and nothing to bring up to date. -#}
    {%- if execute and target.type == "duckdb" and adapter.get_relation(target.database, "operations", "run_log") is not none -%}
        {{ make_state_of_views() }}
        {{ add_new_columns() }}
        {{ drop_tables_of_former_models() }}
    {%- endif -%}
{%- endmacro %}

{# Where an earlier release kept state in another table and showed it as a view under this name, the view's rows become the table. #}
{% macro make_state_of_views() -%}
    {%- for node in graph.nodes.values() if node.resource_type == "model" and "state" in node.tags -%}
        {%- set view = adapter.get_relation(target.database, node.schema, node.alias) -%}
        {%- if view is not none and view.is_view -%}
            {%- set carried = node.schema ~ "." ~ node.alias ~ "__carried" %}
    create or replace table {{ carried }} as select * from {{ view }};
    drop view {{ view }};
    alter table {{ carried }} rename to {{ node.alias }};
            {%- do adapter.cache_dropped(view) -%}
            {%- do adapter.cache_added(view.incorporate(type="table")) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#
    Columns that tables of an earlier release lack. Such a release makes all their partitions stale, so this run fills the columns. They are added
    before it, because DuckDB refuses a transaction that deletes rows of a table which gained a column meanwhile.
#}
{% macro add_new_columns() %}
    alter table if exists intermediate.int_percentiles__judge_records add column if not exists is_label_repaired boolean;
    alter table if exists percentiles.latest_scores add column if not exists window_count bigint;
{%- endmacro %}

{# Only those that our own run log names, and of products that are switched on: what belongs to somebody else stays as it is. #}
{% macro drop_tables_of_former_models() -%}
    {%- set ours = graph.nodes.values() | selectattr("resource_type", "in", ["model", "seed"]) | map(attribute="alias") | list -%}
    {%- set logged = run_query("select distinct node from operations.run_log where resource_type = 'model'").columns[0].values() -%}
    {%- for name in logged if name not in ours -%}
        {%- set layer = {"stg": "staging", "int": "intermediate"}.get(name[:3]) if "__" in name else none -%}
        {%- for product in products() if layer is none or name[4:].startswith(product ~ "__") -%}
            {%- set former = adapter.get_relation(target.database, layer or product, name) -%}
            {%- if former is not none %}
    drop {{ former.type }} if exists {{ former }};
                {%- do adapter.cache_dropped(former) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
