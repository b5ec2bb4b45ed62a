{# Spark has no delete on Parquet: here a fingerprint is a partition of the table, which the catalogue lists and drops. #}
{% macro spark__drop_stale_partitions(plan, column) -%}
    {%- if is_incremental() -%}
        {%- do run_query(note_held_partitions()) -%}
        {%- for fingerprint in run_query(stale_partitions(plan, column)).columns[0].values() -%}
            {%- do run_query("alter table " ~ this ~ " drop if exists partition (fingerprint = " ~ fingerprint ~ ")") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__note_held_partitions() -%}
    {%- set held = run_query("show partitions " ~ this).columns[0].values() | map("replace", "fingerprint=", "") | join(", ") -%}
    declare or replace variable {{ held_partitions() }} array<bigint> default cast(array({{ held }}) as array<bigint>)
{%- endmacro %}

{% macro spark__held_partitions() -%}
    held_by_{{ this.identifier }}
{%- endmacro %}
