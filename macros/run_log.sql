{# The append-only logs that operations/ reads. State: nothing here ever deletes from them. #}
{% macro create_run_log() -%}
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
        table_schema varchar not null,
        table_name varchar not null,
        row_count bigint not null,
        byte_count bigint not null
    );
{%- endmacro %}

{% macro write_run_log(results) -%}
    {%- if execute and results -%}
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
    {%- for result in results
        if result.status == "success" and result.node.resource_type == "model"
        and result.node.config.materialized in ("table", "incremental") %}
    insert into operations.table_size_log by name
    select
        '{{ invocation_id }}' as run_id,
        {{ run_started_timestamp() }} as measured_at,
        {{ text_literal(result.node.schema) }} as table_schema,
        {{ text_literal(result.node.alias) }} as table_name,
        (select count(*) from {{ result.node.relation_name }}) as row_count,
        {{ table_bytes(result.node.relation_name) }} as byte_count;
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{# Bytes of the blocks a table's columns lie in; what is not checkpointed yet is counted by its share of a block. #}
{% macro table_bytes(relation_name) -%}
    (
        select count(distinct segments.block_id) * (select block_size from pragma_database_size())
        from pragma_storage_info({{ text_literal(relation_name) }}) as segments
        where segments.block_id >= 0
    )
{%- endmacro %}
