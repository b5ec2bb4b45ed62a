{#
    A 60-bit number that changes when anything does that a partition is made of: `inputs` (SQL expressions), `vars` (names), `seeds` (relations)
    and the code behind the models named in `logic`. A number and not a text: every run compares it with what each partitioned table
    already holds, and DuckDB scans numbers eight times faster.
#}
{% macro fingerprint(inputs, vars=[], seeds=[], logic=[]) -%}
    {%- set parts = [] -%}
    {%- for input in inputs -%}
        {%- do parts.append("coalesce(cast(" ~ input ~ " as string), '~')") -%}
    {%- endfor -%}
    {%- for name in vars -%}
        {%- do parts.append(text_literal(name ~ "=" ~ (var(name) | string))) -%}
    {%- endfor -%}
    {%- for seed in seeds -%}
        {%- do parts.append(relation_hash(seed)) -%}
    {%- endfor -%}
    {%- for model in logic if execute -%}
        {%- do parts.append(text_literal(logic_hash(model))) -%}
    {%- endfor -%}
    {{ hex_number("substr(md5(concat_ws('|', " ~ parts | join(", ") ~ ")), 1, 15)") }}
{%- endmacro %}

{# The hash of the code that makes a model, with its ancestors, macros and Python functions: callsheet/runtime/logic.py. #}
{% macro logic_hash(model) -%}
    {{ return(adapter.dispatch("logic_hash")(model)) }}
{%- endmacro %}

{% macro duckdb__logic_hash(model) -%}
    {{ return(query_value("select logic_hash(" ~ text_literal(flags.PROJECT_DIR) ~ ", " ~ text_literal(model) ~ ")")) }}
{%- endmacro %}

{# One hash of all rows of a small table, whatever their order. #}
{% macro relation_hash(relation) -%}
    {%- set columns = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.append("coalesce(cast(" ~ column.quoted ~ " as string), '~')") -%}
        {%- endfor -%}
    {%- endif -%}
    (select coalesce({{ ordered("string_agg", "row_hash, ''", "row_hash") }}, 'empty') from (
        select md5(concat_ws(chr(31), {{ columns | join(", ") or "''" }})) as row_hash from {{ relation }}
    ) as hashed_rows)
{%- endmacro %}
