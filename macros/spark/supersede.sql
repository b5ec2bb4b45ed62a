{#
    Spark has neither transactions nor temporary tables. The stale rows lie in a table until they are compared, so that the next run makes good one that
    was killed in between. That table knows the run that made it, and its rows are one partition of what is superseded. If a kill came before the table
    could be dropped, they are written a second time and replace themselves.
#}
{% macro spark__set_stale_rows_aside(plan) -%}
    {%- if load_relation(this) is not none -%}
        {%- do run_query(note_held_partitions()) -%}
        {%- do run_query(create_stale_score_history()) -%}
        {%- for fingerprint in run_query(stale_partitions(plan)).columns[0].values() -%}
            {%- do run_query(
                "insert overwrite table intermediate.stale_score_history partition (fingerprint) select * from " ~ this ~ " where fingerprint = " ~ fingerprint
            ) -%}
            {%- if is_incremental() -%}
                {%- do run_query("alter table " ~ this ~ " drop if exists partition (fingerprint = " ~ fingerprint ~ ")") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro create_stale_score_history() -%}
    create table if not exists intermediate.stale_score_history like {{ this }} tblproperties ('run_id' = '{{ invocation_id }}')
{%- endmacro %}

{% macro spark__keep_superseded_rows(plan, superseded) -%}
    {%- do run_query(create_stale_score_history()) -%}
    {%- if query_value("select count(*) from intermediate.stale_score_history") -%}
        {%- set run_id = run_query("show tblproperties intermediate.stale_score_history ('run_id')").columns[1].values()[0] -%}
        {%- do run_query("insert overwrite table " ~ superseded ~ " by name " ~ superseded_rows(plan, "intermediate.stale_score_history", run_id)) -%}
    {%- endif -%}
    drop table intermediate.stale_score_history
{%- endmacro %}
