{#
    Spark has neither transactions nor temporary tables: the rows lie in a table until they are compared, so that a run that was killed in between is
    made good by the next one.
#}
{% macro spark__set_stale_rows_aside(plan) -%}
    {%- if load_relation(this) is not none -%}
        {%- do run_query(note_held_partitions()) -%}
        {%- do run_query("create table if not exists " ~ rows_set_aside() ~ " like " ~ this) -%}
        {%- for fingerprint in run_query(stale_partitions(kept_windows(plan))).columns[0].values() -%}
            {%- do run_query("insert overwrite table " ~ rows_set_aside() ~ " partition (fingerprint) select * from " ~ this ~ " where fingerprint = " ~ fingerprint) -%}
            {%- if is_incremental() -%}
                {%- do run_query("alter table " ~ this ~ " drop if exists partition (fingerprint = " ~ fingerprint ~ ")") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
