{% macro spark__archive_leaving_iterations(plan) -%}
    {%- set folder = env_var("CALLSHEET_HOME", ".") ~ "/data/archive/" ~ this.identifier -%}
    {%- for iteration in leaving_iterations(plan) -%}
        {%- do run_query(
            "insert overwrite directory " ~ text_literal(folder ~ "/iteration_" ~ iteration) ~ " using parquet "
            ~ "select * from " ~ this ~ " where computed_at_batch = " ~ iteration
        ) -%}
    {%- endfor -%}
{%- endmacro %}
