{#
    A database that an earlier release wrote, brought to where this one expects its state; called when a run starts. Derived tables need nothing:
    they are made anew. Tables of models that are gone are dropped, but only those that our own run log names.
#}
{% macro bring_up_to_date() -%}
    {%- if execute and target.type == "duckdb" -%}
        {%- for old, new in moved_state().items() -%}
            {%- do move_table(old.split("."), new.split(".")) -%}
        {%- endfor -%}
        {%- do drop_tables_of_former_models() -%}
    {%- endif -%}
{%- endmacro %}

{# State that has moved, as {former schema.table: schema.table}. A line stays for as long as databases of that release may be about. #}
{% macro moved_state() -%}
    {{ return({}) }}
{%- endmacro %}

{# Moves a table with its rows, in one transaction. What stood in its place was derived from it. #}
{% macro move_table(old, new) -%}
    {%- set before = adapter.get_relation(target.database, old[0], old[1]) -%}
    {%- if before is not none and before.is_table -%}
        {%- set in_its_place = adapter.get_relation(target.database, new[0], new[1]) -%}
        {%- if in_its_place is not none -%}
            {%- do adapter.drop_relation(in_its_place) -%}
        {%- endif -%}
        {%- set after = api.Relation.create(database=target.database, schema=new[0], identifier=new[1], type="table") -%}
        {%- do run_query("create table " ~ after.include(database=false) ~ " as select * from " ~ before) -%}
        {%- do adapter.cache_added(after) -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
{%- endmacro %}

{# Of products that are switched on: what belongs to another stays as it is. #}
{% macro drop_tables_of_former_models() -%}
    {%- set ours = graph.nodes.values() | selectattr("resource_type", "in", ["model", "seed"]) | map(attribute="alias") | list -%}
    {%- set logged = run_query("select distinct node from operations.run_log where resource_type = 'model'").columns[0].values() -%}
    {%- for name in logged if name not in ours -%}
        {%- set layer = {"stg": "staging", "int": "intermediate"}.get(name[:3]) if "__" in name else none -%}
        {%- for product in products() if layer is none or name[4:].startswith(product ~ "__") -%}
            {%- set relation = adapter.get_relation(target.database, layer or product, name) -%}
            {%- if relation is not none -%}
                {%- do adapter.drop_relation(relation) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
