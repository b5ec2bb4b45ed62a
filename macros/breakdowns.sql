{#
    Opens what is new of the files of breakdowns: `pulse_deliveries`, a temporary table of the deliveries, and `pulse_notices`, a temporary view of
    their notices. Columns are found by the names in each file's own header. Only ever called from a pre_hook, so that compiling or documenting the
    project never touches a person's files.
#}
{% macro open_breakdowns() -%}
    {%- if execute -%}
    {%- set landed = load_relation(this) -%}
    {%- set sample = query_value("select project_path('seeds/pulse/breakdowns_sample.csv')") -%}
    {%- set found = find_breakdowns(landed, sample) -%}
    {%- do run_query(new_deliveries(landed, found.files, breakdown_aliases())) -%}
    {%- set readable = run_query(
        "select delivery_no, path, layout from pulse_deliveries where not is_repeat and file_problem is null order by delivery_no"
    ).rows -%}
    {%- if not var("database_is_kept") %}
    set force_compression = 'uncompressed';  -- nobody reads it a second time
    {%- endif %}
    set variable pulse_dataset = {{ text_literal("sample" if found.dataset == sample else found.dataset) }};
    create or replace temp view pulse_notices as
    {%- for delivery_no, path, layout in readable %}
    select {{ delivery_no }} as delivery_no, * from read_parquet({{ text_literal(glob_escape(copy_notices(delivery_no, path, layout))) }})
    union all by name
    {%- endfor %}
    select
        null::integer as delivery_no,
        null::bigint as position,
        {%- for column in notice_columns() + ["row_problem", "payload"] %}
        null::varchar as {{ column }},
        {%- endfor %}
        null::{{ views_type() }} as views
    where false
    {%- endif -%}
{%- endmacro %}

{# What a notice says; the date says when it was seen. #}
{% macro notice_columns() -%}
    {{ return(["work_city", "project_type", "role_type", "union_status", "rate", "role_description", "breakdown_id", "role_name", "project_name"]) }}
{%- endmacro %}

{#
    The views of a notice. In a database that is kept each is one, with its position and its text, so that it can be judged again. In one that is thrown
    away those of a day are one, with the earliest's time and their number; a text that is no time stays a text.
#}
{% macro views_type() -%}
    struct(position bigint, posted_date varchar, posted_at timestamp, view_count bigint)[]
{%- endmacro %}

{# The dataset and its files: those asked for, else the sample; a database that holds somebody's own opens nothing unasked. #}
{% macro find_breakdowns(landed, sample) -%}
    {%- set asked = var("pulse_breakdowns") -%}
    {%- if asked is none and asked_or_held_dataset(landed, none, sample, "breakdowns") not in (none, sample) -%}
        {{ return({"dataset": asked_or_held_dataset(landed, none, sample, "breakdowns"), "files": []}) }}
    {%- endif -%}
    {%- if asked is none and not may_use_samples() -%}
        {{ return({"dataset": asked_or_held_dataset(landed, none, sample, "breakdowns"), "files": []}) }}
    {%- endif -%}
    {%- set found = fromjson(query_value("select list_files(" ~ text_literal(asked or sample) ~ ")")) -%}
    {%- set is_sample = found.files | length == 1 and found.files[0][0] == sample -%}
    {%- do found.update({"dataset": asked_or_held_dataset(landed, sample if is_sample else found.dataset, sample, "breakdowns")}) -%}
    {{ return(found) }}
{%- endmacro %}

{# Every name that a column may have, as a JSON object: ours, the person's own, and those of this run alone. #}
{% macro breakdown_aliases() -%}
    {{ return(query_value("select column_names(" ~ text_literal(tojson(var("pulse_columns") or {})) ~ ")")) }}
{%- endmacro %}

{# One row per file that is new or changed, with how to read it. #}
{% macro new_deliveries(landed, files, aliases) -%}
    create or replace temp table pulse_deliveries as
    with files as (
        select null::varchar as path, null::varchar as file_name where false
        {%- for path, name in files %}
        union all select {{ text_literal(path) }}, {{ text_literal(name) }}
        {%- endfor %}
    ),
    stamped as (
        select files.*, stamps.size as size_bytes, timezone('UTC', stamps.last_modified) as modified_at
        from files
        inner join (
            select filename, size, last_modified
            from read_blob([{% for path, _ in files %}{{ text_literal(glob_escape(path)) }}{{ ", " if not loop.last }}{% endfor %}]::varchar[])
        ) as stamps on files.path = stamps.filename
    ),
    changed as (
        select stamped.* from stamped
        {%- if landed is not none and not var("pulse_rehash") %}
        left join ({{ newest_landed_files(landed) }}) as landed
            on stamped.file_name = landed.file_name and stamped.size_bytes = landed.size_bytes and stamped.modified_at = landed.modified_at
        where landed.file_name is null
        {%- endif %}
    ),
    looked_at as materialized (
        select
            changed.*,
            {{ content_hash("changed") }} as content_hash,
            inspect_file(changed.path, {{ text_literal(aliases) }}, {{ text_literal(var("pulse_encoding")) if var("pulse_encoding") else "null" }}) as layout
        from changed
    ),
    newest_landed as ({{ newest_landed_versions() }})
    select
        looked_at.*,
        coalesce(newest_landed.content_hash = looked_at.content_hash, false) as is_repeat,
        coalesce(newest_landed.revision, 0) + if(is_repeat, 0, 1) as revision,
        {{ "(select coalesce(max(delivery_no), 0) from " ~ landed ~ ")" if landed is not none else "0" }}
            + row_number() over (order by looked_at.file_name) as delivery_no,
        looked_at.layout ->> '$.problem' as file_problem,
        looked_at.layout ->> '$.detail' as file_detail
    from looked_at
    left join newest_landed on looked_at.file_name = newest_landed.file_name
{%- endmacro %}

{# A database that is thrown away never meets a second delivery: it need not read the file twice. #}
{% macro content_hash(file) -%}
    {%- if var("database_is_kept") -%} file_sha256({{ file }}.path) {%- else -%} md5({{ file }}.path || {{ file }}.size_bytes || {{ file }}.modified_at) {%- endif -%}
{%- endmacro %}

{# One file's notices as Parquet, in a folder that goes with the connection: python_udfs/callsheet/pulse/notices.py. #}
{% macro copy_notices(delivery_no, path, layout) -%}
    {%- set date_format = date_forms() -%}
    {%- set copied = query_value(
        "select copy_notices(" ~ text_literal(path) ~ ", " ~ text_literal(layout) ~ ", "
        ~ delivery_no ~ ", " ~ (not var("database_is_kept")) ~ ", "
        ~ (text_literal(date_format) if date_format else "null") ~ ")"
    ) -%}
    {%- if not copied -%}
        {{ exceptions.raise_compiler_error("Unusable input: " ~ path ~ " is damaged and cannot be read to its end: deliver it again.") }}
    {%- endif -%}
    {{ return(copied) }}
{%- endmacro %}
