{#
    score_history keeps what it replaces, in two steps around the new rows. Before: the stale rows are set aside. After: those whose answer changed
    or vanished are added to `superseded`. On DuckDB all of it is one transaction. A full refresh replaces the table by itself, so nothing is deleted.
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

{% macro keep_superseded_rows(plan, superseded) -%}
    {{ adapter.dispatch("keep_superseded_rows")(plan, superseded) }}
{%- endmacro %}

{# Without stale rows nothing is compared: the join would hash the whole history to find that out. #}
{% macro duckdb__keep_superseded_rows(plan, superseded) -%}
    {%- do run_query("create temp table if not exists stale_score_history as select * from " ~ this ~ " where false") -%}
    {%- if query_value("select count(*) from stale_score_history") -%}
        {%- do run_query("insert into " ~ superseded ~ " by name " ~ superseded_rows(plan, "stale_score_history", invocation_id)) -%}
    {%- endif -%}
    drop table stale_score_history
{%- endmacro %}

{# The stale rows that have no equal among the new ones, with the percentile that took their place and the cause. #}
{% macro superseded_rows(plan, stale_rows, run_id) -%}
    {%- set answers = ["batch_no", "age", "industry", "score", "lower_count", "equal_count", "window_count", "percentile"] -%}
    select
        {%- for column in ["id", "computed_at_batch"] + answers + ["window_from", "window_to", "fingerprint"] %}
        stale.{{ column }},
        {%- endfor %}
        current_rows.percentile as replaced_by_percentile,
        case
            when plan.iteration is null or plan.settings_fingerprint <> stale.settings_fingerprint then 'settings changed'
            when plan.window_from <> stale.window_from then 'late batch'
            else 'corrected batch'
        end as cause,
        {{ run_started_timestamp() }} as superseded_at,
        '{{ run_id }}' as run_id
    from {{ stale_rows }} as stale
    left join {{ this }} as current_rows
        on stale.id = current_rows.id and stale.computed_at_batch = current_rows.computed_at_batch
    left join (
        select distinct iteration, settings_fingerprint, window_from, is_kept from {{ plan }}
    ) as plan
        on stale.computed_at_batch = plan.iteration
    where coalesce(plan.is_kept, true) and (
        current_rows.id is null
        {%- for column in answers %}
        or stale.{{ column }} is distinct from current_rows.{{ column }}
        {%- endfor %}
    )
{%- endmacro %}
