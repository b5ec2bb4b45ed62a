{% macro spark__archive_leaving_iterations(plan) -%}
    {%- if load_relation(this) is not none and var("percentiles_keep_iterations") is not none -%}
        {%- set folder = env_var("CALLSHEET_HOME", ".") ~ "/data/archive/" ~ this.identifier -%}
        {%- set leaving = run_query(
            "select distinct iteration from " ~ plan ~ " where not is_kept and iteration in (select distinct computed_at_batch from " ~ this ~ ")"
        ) -%}
        {%- for iteration in leaving.columns[0].values() -%}
            {%- do run_query(
                "insert overwrite directory " ~ text_literal(folder ~ "/iteration_" ~ iteration) ~ " using parquet "
                ~ "select * from " ~ this ~ " where computed_at_batch = " ~ iteration
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
