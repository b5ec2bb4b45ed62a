{#
    What of a folder is to be opened, as the session variable `<product>_new_files` (a list of paths). A file whose name,
    size and time are those of its newest landed row is left alone: see newest_landed_files.
    Only ever called from a pre_hook, so that compiling or documenting the project never touches a person's folder.
#}
{% macro find_new_files(product, folder_var, sample_folder, name_glob, name_regex) -%}
    {%- set landed = load_relation(this) -%}
    {%- set sample_path = query_value("select project_path(" ~ text_literal(sample_folder) ~ ")") -%}
    {%- set folder = inbox_folder(landed, folder_var, sample_path) -%}
    {%- set pattern = glob_escape(folder or "no data") ~ "/" ~ name_glob -%}
    {%- set through = var(product ~ "_through") -%}
    set variable {{ product }}_dataset = {{ text_literal("sample" if folder == sample_path else folder or "") }};
    set variable {{ product }}_new_files = (
        select coalesce(list(file order by {{ in_order('file') }}), []::varchar[])
        from glob({{ text_literal(pattern) }})
        where regexp_full_match(parse_filename(file), {{ text_literal(name_regex) }})
        {%- if through is not none %}
            and cast(regexp_extract(parse_filename(file), {{ text_literal(name_regex) }}, 1) as bigint) <= {{ through | int }}
        {%- endif %}
    );
    {%- if landed is none %}
    select error({{ text_literal("No " ~ name_glob ~ " in " ~ folder ~ ": nothing to land.") }})
    where {{ folder is not none }} and len(getvariable('{{ product }}_new_files')) = 0;
    {%- elif not var(product ~ "_rehash") %}
    set variable {{ product }}_new_files = (
        select coalesce(list(present.filename order by {{ in_order('present.filename') }}), []::varchar[])
        from (
            select filename, size, last_modified
            from read_blob(list_transform(getvariable('{{ product }}_new_files'), lambda path: {{ glob_escape_sql("path") }}))
        ) as present
        left join ({{ newest_landed_files(landed) }}) as landed
            on parse_filename(present.filename) = landed.file_name
                and present.size = landed.size_bytes
                and timezone('UTC', present.last_modified) = landed.modified_at
        where landed.file_name is null
    );
    {%- endif %}
    set variable {{ product }}_new_files = list_transform(getvariable('{{ product }}_new_files'), lambda path: {{ glob_escape_sql("path") }})
{%- endmacro %}

{#
    Size and time of each file when it last landed, of files that were at least two seconds old then. Of a younger one another version may have been
    written within the same second, with the same time: it is opened again.
#}
{% macro newest_landed_files(landed) -%}
    select file_name, size_bytes, modified_at, landed_at
    from {{ landed }}
    where position = 0
    qualify
        row_number() over (partition by file_name order by landed_at desc, revision desc) = 1
        and modified_at < landed_at - interval 2 seconds
{%- endmacro %}

{# By number, then by name: rows that are read together lie together in the table. #}
{% macro in_order(path) -%}
    cast('0' || regexp_extract(parse_filename({{ path }}), '[0-9]+') as bigint), {{ path }}
{%- endmacro %}

{% macro glob_escape_sql(path) -%}
    replace(replace(replace({{ path }}, '[', '[[]'), '*', '[*]'), '?', '[?]')
{%- endmacro %}

{# The folder to read: the one asked for, else the one this database already holds, else the sample. #}
{% macro inbox_folder(landed, folder_var, sample_path) -%}
    {%- set asked = var(folder_var) -%}
    {%- if asked is not none -%}
        {%- set asked = query_value("select absolute_path(" ~ text_literal(asked) ~ ")") -%}
    {%- endif -%}
    {{ return(asked_or_held_dataset(landed, asked, sample_path, "batches") or (sample_path if may_use_samples() else none)) }}
{%- endmacro %}

{# The dataset asked for, else the one this database already holds; none where it is new. Another than the one it holds is refused. #}
{% macro asked_or_held_dataset(landed, asked, sample_path, things) -%}
    {%- set held = none -%}
    {%- if landed is not none -%}
        {%- set held = query_value("select max(dataset) from " ~ landed ~ " where position = 0") -%}
        {%- set held = sample_path if held == "sample" else held -%}
    {%- endif -%}
    {%- if asked and held and asked != held -%}
        {{ exceptions.raise_compiler_error(
            "This database already holds the " ~ things ~ " of " ~ held ~ ", not of " ~ asked
            ~ ": keep another dataset in another database, with --database FILE or CALLSHEET_HOME."
        ) }}
    {%- endif -%}
    {{ return(asked or held) }}
{%- endmacro %}

{# The one value that a query gives. #}
{% macro query_value(query) -%}
    {{ return(run_query(query).columns[0].values()[0] if execute else none) }}
{%- endmacro %}

{# Revision and content of each file's newest landed version; before the first run there is none. #}
{% macro newest_landed_versions() -%}
    select
        file_name,
        max(revision) as revision,
        max_by(content_hash, revision) as content_hash
    from {{ this if is_incremental() else "(select null::string as file_name, 0 as revision, null::string as content_hash, -1 as position)" }}
    where position = 0
    group by file_name
{%- endmacro %}
