{#
    score_history keeps what it replaces. Before: the stale rows are moved aside, or copied where a full refresh replaces the
    table. After: those whose answer changed or vanished are appended to `superseded`. All of it in one transaction.
#}
{% macro set_stale_rows_aside(plan) -%}
    {{ adapter.dispatch("set_stale_rows_aside")(plan) }}
{%- endmacro %}

{% macro duckdb__set_stale_rows_aside(plan) -%}
    {%- if load_relation(this) is not none -%}
        {{ note_held_partitions() }};
        create or replace temp table stale_score_history as
        select * from {{ this }}
        where fingerprint in ({{ stale_partitions(plan) }});
        {%- if is_incremental() %}
        delete from {{ this }} where fingerprint in (select distinct stale_score_history.fingerprint from stale_score_history)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro rows_set_aside() -%}
    {{ "intermediate." if target.type == "spark" }}stale_score_history
{%- endmacro %}

{# Without stale rows nothing is compared: the join would hash the whole history to find that out. #}
{% macro keep_superseded_rows(plan, superseded) -%}
    {%- do run_query(create_rows_set_aside()) -%}
    {%- if query_value("select count(*) from " ~ rows_set_aside()) -%}
        {%- do run_query(append_superseded_rows(plan, superseded)) -%}
    {%- endif -%}
    drop table {{ rows_set_aside() }}
{%- endmacro %}

{% macro create_rows_set_aside() -%}
    {{ adapter.dispatch("create_rows_set_aside")() }}
{%- endmacro %}

{% macro duckdb__create_rows_set_aside() -%}
    create temp table if not exists {{ rows_set_aside() }} as select * from {{ this }} where false
{%- endmacro %}

{% macro write_superseded_rows() -%}
    {{ adapter.dispatch("write_superseded_rows")() }}
{%- endmacro %}

{% macro duckdb__write_superseded_rows() -%}
    insert into
{%- endmacro %}

{% macro run_that_set_aside() -%}
    {{ adapter.dispatch("run_that_set_aside")() }}
{%- endmacro %}

{% macro duckdb__run_that_set_aside() -%}
    {{ invocation_id }}
{%- endmacro %}

{% macro append_superseded_rows(plan, superseded) -%}
    {%- set kept = ["id", "computed_at_batch", "batch_no", "age", "industry", "score", "lower_count", "equal_count",
        "window_count", "percentile", "window_from", "window_to", "fingerprint"] -%}
    {{ write_superseded_rows() }} {{ superseded }} by name
    select
        {%- for column in kept %}
        stale.{{ column }},
        {%- endfor %}
        current_rows.percentile as replaced_by_percentile,
        case
            when plan.iteration is null or plan.settings_fingerprint <> stale.settings_fingerprint then 'settings changed'
            when plan.window_from <> stale.window_from then 'late batch'
            else 'corrected batch'
        end as cause,
        {{ run_started_timestamp() }} as superseded_at,
        '{{ run_that_set_aside() }}' as run_id
    from {{ rows_set_aside() }} as stale
    left join {{ this }} as current_rows
        on stale.id = current_rows.id and stale.computed_at_batch = current_rows.computed_at_batch
    left join (
        select distinct iteration, settings_fingerprint, window_from, is_kept from {{ plan }}
    ) as plan
        on stale.computed_at_batch = plan.iteration
    where coalesce(plan.is_kept, true) and (
        current_rows.id is null
        {%- for column in kept if column not in ["id", "computed_at_batch", "window_from", "window_to", "fingerprint"] %}
        or stale.{{ column }} is distinct from current_rows.{{ column }}
        {%- endfor %}
    )
{%- endmacro %}
