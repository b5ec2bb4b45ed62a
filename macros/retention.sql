{#
    Retention: with `percentiles_keep_iterations` set, score_history keeps that many of the newest iterations. Older ones are written to Parquet
    before they leave the table, in the run that removes them; a run killed in between writes the same file again.
#}
{% macro is_kept(recency) -%}
    {%- if var("percentiles_keep_iterations") is none -%}
        true
    {%- else -%}
        {{ recency }} <= {{ whole_number_var("percentiles_keep_iterations") }}
    {%- endif -%}
{%- endmacro %}

{% macro kept_windows(plan) -%}
    (select * from {{ plan }} where is_kept)
{%- endmacro %}

{% macro archive_leaving_iterations(plan) -%}
    {{ adapter.dispatch("archive_leaving_iterations")(plan) }}
{%- endmacro %}

{% macro duckdb__archive_leaving_iterations(plan) -%}
    {%- if load_relation(this) is not none and var("percentiles_keep_iterations") is not none -%}
        {%- set leaving = run_query(
            "select iteration, home_folder('archive', " ~ text_literal(this.identifier) ~ ") from " ~ plan
            ~ " where not is_kept and iteration in (select distinct computed_at_batch from " ~ this ~ ") group by iteration"
        ).rows -%}
        {%- for iteration, folder in leaving %}
        copy (
            select * from {{ this }} where computed_at_batch = {{ iteration }} order by id
        ) to {{ text_literal(folder ~ "/iteration_" ~ iteration ~ ".parquet") }} (format parquet, compression zstd);
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
