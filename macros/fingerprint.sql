{#
    A 60-bit number that changes when anything does that a partition is made of: `inputs` (SQL expressions), `vars` (names),
    `seeds` (relations) and `version`, which is raised by hand when the logic changes. A number and not a text, because
    every run compares it with what each partitioned table already holds, and numbers scan eight times faster.
#}
{% macro fingerprint(inputs, vars=[], seeds=[], version=1) -%}
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
    {%- do parts.append("'v" ~ version ~ "'") -%}
    {{ hex_number("substr(md5(concat_ws('|', " ~ parts | join(", ") ~ ")), 1, 15)") }}
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
