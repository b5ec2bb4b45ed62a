{# Rows of a seed on Spark. dbt-spark's own writes an empty field as the text None, and does not escape a quote. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.get("column_types", {}) -%}
    {%- set rows -%}
        {%- for row in agate_table.rows %}
        (
            {%- for column in agate_table.column_names -%}
            cast({{ "null" if row[column] is none else text_literal(row[column]) }} as {{ types.get(column) or adapter.convert_type(agate_table, loop.index0) }})
            {{- ", " if not loop.last }}
            {%- endfor -%}
        ){{ "," if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- set statement = "insert into " ~ this ~ " values " ~ rows -%}
    {%- if agate_table.rows | length -%}
        {%- do run_query(statement) -%}
    {%- endif -%}
    {{ return(statement) }}
{%- endmacro %}
