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

{# What the table holds, looked up once a run: skimming a history's fingerprints is the one thing that grows with it. #}
{% macro note_held_partitions() -%}
    {{ adapter.dispatch("note_held_partitions")() }}
{%- endmacro %}

{% macro duckdb__note_held_partitions() -%}
    set variable held_partitions = (select coalesce(list(distinct fingerprint), []) from {{ this }})
{%- endmacro %}

{# As a list. One name a model on Spark, where all threads share a session. #}
{% macro held_partitions() -%}
    {{ adapter.dispatch("held_partitions")() }}
{%- endmacro %}

{% macro duckdb__held_partitions() -%}
    getvariable('held_partitions')
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
