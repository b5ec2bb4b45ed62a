{#
    Spark has neither transactions nor temporary tables: the rows lie in a table until they are compared, so that a run that was killed in between is
    made good by the next one. That table knows the run that made it, and its rows are one partition of what is superseded: written a second time, because
    the first run was killed before it could drop the table, they replace themselves.
#}
{% macro spark__set_stale_rows_aside(plan) -%}
    {%- if load_relation(this) is not none -%}
        {%- do run_query(note_held_partitions()) -%}
        {%- do run_query(create_rows_set_aside()) -%}
        {%- for fingerprint in run_query(stale_partitions(plan)).columns[0].values() -%}
            {%- do run_query("insert overwrite table " ~ rows_set_aside() ~ " partition (fingerprint) select * from " ~ this ~ " where fingerprint = " ~ fingerprint) -%}
            {%- if is_incremental() -%}
                {%- do run_query("alter table " ~ this ~ " drop if exists partition (fingerprint = " ~ fingerprint ~ ")") -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__create_rows_set_aside() -%}
    create table if not exists {{ rows_set_aside() }} like {{ this }} tblproperties ('run_id' = '{{ invocation_id }}')
{%- endmacro %}

{% macro spark__write_superseded_rows() -%}
    insert overwrite table
{%- endmacro %}

{% macro spark__run_that_set_aside() -%}
    {{ run_query("show tblproperties " ~ rows_set_aside() ~ " ('run_id')").columns[1].values()[0] }}
{%- endmacro %}
