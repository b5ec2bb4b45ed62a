{#
    Looks at what is new of the batches and makes two temporary tables: `percentiles_deliveries`, one row per file, and `percentiles_pieces`, what to read
    of each file, in steps of a few megabytes. Called from a pre_hook alone, so that compiling the project never touches a person's folder.
#}
{% macro open_batches() -%}
    create or replace temp table percentiles_deliveries as
    with opened as (
        select
            filename as path,
            parse_filename(filename) as file_name,
            file_sha256(filename) as content_hash,
            size as size_bytes,
            timezone('UTC', last_modified) as modified_at
        from read_blob(getvariable('percentiles_new_files')::varchar[])
    ),
    newest_landed as ({{ newest_landed_versions() }}),
    recognised as (
        select
            opened.*,
            coalesce(newest_landed.content_hash = opened.content_hash, false) as is_repeat,
            coalesce(newest_landed.revision, 0) + if(is_repeat, 0, 1) as revision
        from opened
        left join newest_landed on opened.file_name = newest_landed.file_name
    )
    select
        recognised.*,
        getvariable('percentiles_dataset')::varchar as dataset,
        cast(regexp_extract(recognised.file_name, '[0-9]+') as bigint) as batch_no,
        case when not recognised.is_repeat then cut_batch(recognised.path) end as batch
    from recognised;
    create or replace temp table percentiles_pieces as
    with pieces as (
        select deliveries.path, deliveries.batch_no, unnest(deliveries.batch.pieces) as piece from percentiles_deliveries as deliveries
    )
    select
        pieces.path,
        unnest(pieces.piece),
        cast(floor(sum(pieces.piece.stop - pieces.piece.start) over (
            order by pieces.batch_no, pieces.path, pieces.piece.start
            rows between unbounded preceding and current row
        ) / 8e6) as integer) as step
    from pieces
{%- endmacro %}

{# Lands the records of the deliveries, step by step in the landing's own transaction: all at once they would not fit into memory. #}
{% macro land_records() -%}
    {%- for (step,) in (run_query("select distinct step from percentiles_pieces order by step").rows if execute else []) %}
    insert into {{ this }} by name
    with parsed as (
        select path, first_position, from_json(read_piece(path, start, stop), '["json"]') as records
        from percentiles_pieces
        where step = {{ step }}
    ),
    records as (
        select
            path,
            unnest(records) as record,
            cast(first_position + generate_subscripts(records, 1) - 1 as integer) as position
        from parsed
    )
    select
        {%- for column in ["dataset", "file_name", "batch_no", "revision", "is_repeat", "content_hash", "size_bytes", "modified_at"] %}
        deliveries.{{ column }},
        {%- endfor %}
        records.position,
        coalesce(records.record, 'null')::varchar as payload,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from records
    inner join percentiles_deliveries as deliveries on records.path = deliveries.path;
    {%- endfor %}
    drop table percentiles_pieces
{%- endmacro %}
