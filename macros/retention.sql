{#
    Retention: with `percentiles_keep_iterations` set, score_history keeps that many of the newest iterations. Older ones are written to Parquet
    before they leave the table, in the run that removes them. A run that is killed in between writes the same files again.
#}
{% macro archive_leaving_iterations(plan) -%}
    {{ adapter.dispatch("archive_leaving_iterations")(plan) }}
{%- endmacro %}

{% macro duckdb__archive_leaving_iterations(plan) -%}
    {%- for iteration in leaving_iterations(plan) -%}
        {%- set folder = query_value("select home_folder('archive', " ~ text_literal(this.identifier) ~ ")") %}
        copy (
            select * from {{ this }} where computed_at_batch = {{ iteration }} order by id
        ) to {{ text_literal(folder ~ "/iteration_" ~ iteration ~ ".parquet") }} (format parquet, compression zstd);
    {%- endfor -%}
{%- endmacro %}

{# The iterations in the table that it is no longer to keep. #}
{% macro leaving_iterations(plan) -%}
    {%- if load_relation(this) is none or var("percentiles_keep_iterations") is none -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(run_query(
        "select distinct iteration from " ~ plan ~ " where not is_kept and iteration in (select distinct computed_at_batch from " ~ this ~ ")"
    ).columns[0].values()) }}
{%- endmacro %}
