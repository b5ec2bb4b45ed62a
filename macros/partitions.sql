{#
    Incremental models here rewrite whole partitions. Each partition carries the fingerprint of everything it was made from;
    what is to do is what the plan expects and the table lacks. First run, catch-up, a crash, a correction, a changed var
    and a re-delivery are then one code path. Both macros go together: the first as pre_hook (the same transaction as the
    insert), the second as the model's first CTE.
#}
{% macro drop_stale_partitions(plan, column="fingerprint") -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where fingerprint in ({{ stale_fingerprints(plan, column) }})
    {%- endif -%}
{%- endmacro %}

{# The few distinct ones first: a table holds a fingerprint in runs, which cost nothing to skim, and then mostly nothing is left to look for. #}
{% macro stale_fingerprints(plan, column="fingerprint") -%}
    select held.fingerprint from (select distinct fingerprint from {{ this }}) as held
    where held.fingerprint not in (select {{ column }} from {{ plan }})
{%- endmacro %}

{% macro missing_partitions(plan, column="fingerprint") -%}
    select * from {{ plan }}
    {%- if is_incremental() %}
    where {{ column }} not in (select distinct fingerprint from {{ this }})
    {%- endif -%}
{%- endmacro %}
