{#
    Incremental models here rewrite whole partitions. Each partition carries the fingerprint of everything it was made from;
    what is to do is what the plan expects and the table lacks. First run, catch-up, a crash, a correction, a changed var
    and a re-delivery are then one code path. Both macros go together: the first as pre_hook (the same transaction as the
    insert), the second as the model's first CTE.
#}
{% macro drop_stale_partitions(plan, column="fingerprint") -%}
    {{ adapter.dispatch("drop_stale_partitions")(plan, column) }}
{%- endmacro %}

{% macro duckdb__drop_stale_partitions(plan, column) -%}
    {%- if is_incremental() -%}
        {{ note_held_partitions() }};
        delete from {{ this }} where fingerprint in ({{ stale_partitions(plan, column) }})
    {%- endif -%}
{%- endmacro %}

{# Spark has no delete on Parquet: here a fingerprint is a partition of the table, which the catalogue lists and drops. #}
{% macro spark__drop_stale_partitions(plan, column) -%}
    {%- if is_incremental() -%}
        {%- do run_query(note_held_partitions()) -%}
        {%- for fingerprint in run_query(stale_partitions(plan, column)).columns[0].values() -%}
            {%- do run_query("alter table " ~ this ~ " drop if exists partition (fingerprint = " ~ fingerprint ~ ")") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# What the table holds, looked up once a run: skimming a history's fingerprints is the one thing that grows with it. #}
{% macro note_held_partitions() -%}
    {{ adapter.dispatch("note_held_partitions")() }}
{%- endmacro %}

{% macro duckdb__note_held_partitions() -%}
    set variable held_partitions = (select coalesce(list(distinct fingerprint), []) from {{ this }})
{%- endmacro %}

{% macro spark__note_held_partitions() -%}
    {%- set held = run_query("show partitions " ~ this).columns[0].values() | map("replace", "fingerprint=", "") | join(", ") -%}
    declare or replace variable {{ held_partitions() }} array<bigint> default cast(array({{ held }}) as array<bigint>)
{%- endmacro %}

{# As a list. One name a model on Spark, where all threads share a session. #}
{% macro held_partitions() -%}
    {{ adapter.dispatch("held_partitions")() }}
{%- endmacro %}

{% macro duckdb__held_partitions() -%}
    getvariable('held_partitions')
{%- endmacro %}

{% macro spark__held_partitions() -%}
    held_by_{{ this.identifier }}
{%- endmacro %}

{% macro stale_partitions(plan, column="fingerprint") -%}
    select held.fingerprint from (select {{ exploded(held_partitions()) }} as fingerprint) as held
    where held.fingerprint not in (select {{ column }} from {{ plan }})
{%- endmacro %}

{% macro missing_partitions(plan, column="fingerprint") -%}
    select * from {{ plan }}
    {%- if is_incremental() %}
    where {{ column }} not in (select {{ exploded(held_partitions()) }})
    {%- endif -%}
{%- endmacro %}
