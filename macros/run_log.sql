{# The append-only logs that operations/ reads. State: nothing here ever deletes from them. A Spark cluster keeps its own history of what ran. #}
{% macro create_run_log() -%}
    {%- if target.type == "duckdb" -%}
    create schema if not exists operations;
    create table if not exists operations.run_log (
        run_id varchar not null,
        started_at timestamp not null,
        finished_at timestamp not null,
        command varchar not null,
        node varchar not null,
        resource_type varchar not null,
        status varchar not null,
        duration_seconds double not null,
        failure_count bigint,
        message varchar
    );
    create table if not exists operations.table_size_log (
        run_id varchar not null,
        measured_at timestamp not null,
        product varchar not null,
        table_schema varchar not null,
        table_name varchar not null,
        row_count bigint not null,
        byte_count bigint not null
    );
    alter table operations.table_size_log add column if not exists index_byte_count bigint;  -- both of a table in PostgreSQL alone
    alter table operations.table_size_log add column if not exists dead_row_count bigint;
    create table if not exists operations.alert_outbox (
        kind varchar not null,
        subject varchar not null,
        message varchar not null,
        noted_at timestamp not null,
        posted_at timestamp  -- null: no webhook has taken it yet
    );
    alter table operations.alert_outbox add column if not exists batch_no bigint;
    {%- endif -%}
{%- endmacro %}

{% macro write_run_log(results) -%}
    {%- if execute and results and var("database_is_kept") and target.type == "duckdb" -%}
    insert into operations.run_log values
    {%- for result in results %}
    (
        '{{ invocation_id }}',
        {{ run_started_timestamp() }},
        timezone('UTC', now()),
        {{ text_literal(flags.WHICH) }},
        {{ text_literal(result.node.name) }},
        {{ text_literal(result.node.resource_type) }},
        {{ text_literal(result.status) }},
        {{ result.execution_time }},
        {{ result.failures if result.failures is not none else "null" }},
        {{ text_literal((result.message or "")[:500]) if result.status in ("error", "fail", "warn") else "null" }}
    ){{ "," if not loop.last }}
    {%- endfor %};
    checkpoint;  -- what lies only in the write-ahead log has no blocks to count
    {%- for result in results
        if result.status == "success" and result.node.resource_type == "model"
        and result.node.config.materialized in ("table", "incremental") %}
    insert into operations.table_size_log by name
    select
        '{{ invocation_id }}' as run_id,
        {{ run_started_timestamp() }} as measured_at,
        {{ text_literal(result.node.fqn[1]) }} as product,
        {{ text_literal(result.node.schema) }} as table_schema,
        {{ text_literal(result.node.alias) }} as table_name,
        (select count(*) from {{ result.node.relation_name }}) as row_count,
        -- Of the blocks that the columns lie in, which is what the file grows by. Deleted rows count until their blocks are given back; small tables
        -- that share a block count it each.
        (
            select count(distinct blocks.block_id) * (select max(block_size) from pragma_database_size())
            from (
                select unnest([segments.block_id] || segments.additional_block_ids) as block_id
                from pragma_storage_info({{ text_literal(result.node.relation_name) }}) as segments
            ) as blocks
            where blocks.block_id >= 0
        ) as byte_count;
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#
    What every product shares is made again at the end of every run that built what a product plugs in by, its protected models, whatever was selected.
    Each view then holds every product that the database holds, and the list of what is published is the project's of today.
#}
{% macro build_operations(results) -%}
    {%- if not execute -%}
        {#- dbt wants to know at parsing what a hook leans on. -#}
        {%- do [events_of_products("alert"), ref("table_sizes"), ref("table_growth"), ref("runs")] -%}
    {%- endif -%}
    {%- set built = [] -%}
    {%- for result in results if result.status == "success" and result.node.resource_type == "model" -%}
        {%- do built.append(result.node) -%}
    {%- endfor -%}
    {%- set has_news = built | selectattr("config.access", "equalto", "protected") | list and var("database_is_kept") -%}
    {#- A view over nothing cannot be made, and one over another comes after it. -#}
    {%- if target.type == "duckdb" and has_news and products_with_events() -%}
        {%- set ours = graph.nodes.values() | selectattr("resource_type", "equalto", "model") | selectattr("group", "equalto", "operations") | list -%}
        {%- set names = ours | map(attribute="unique_id") | list -%}
        {%- set made = built | map(attribute="unique_id") | list -%}
        {%- for _ in ours -%}
            {%- for node in ours if node.unique_id not in made and node.depends_on.nodes | select("in", names) | reject("in", made) | list == [] %}
                {%- do made.append(node.unique_id) %}
    create or replace {{ node.config.materialized }} {{ node.relation_name }} as ({{ render(node.raw_code) }});
    {{ descriptions_of(node.relation_name, node) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
