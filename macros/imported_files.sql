{# The files that import_films.py brought into this database; none where it holds the sample. #}
{% macro imported_files() -%}
    {%- set imported = builtins.source("resonance_imported", "imports") -%}
    {%- if execute and load_relation(imported) is not none -%}
    select file_name, imported_at, row_count from {{ imported.include(database=false) }}
    {%- else -%}
    select null::varchar as file_name, null::timestamp as imported_at, null::bigint as row_count where false
    {%- endif -%}
{%- endmacro %}
