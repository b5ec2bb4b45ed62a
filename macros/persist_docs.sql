{#
    Descriptions into the database in one statement a model. dbt's own asks for the columns first, and that is a fifth of a small build; here the
    convention checks see to it that yml and table have the same columns, and one too many is an error, as it should be.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if var("database_is_kept") or model.config.access == "public" -%}
    {%- call statement("persist_docs") -%}
        {{ descriptions_of(relation, model) }}
    {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{% macro descriptions_of(relation, model) -%}
    {%- set kind = "view" if model.config.materialized == "view" else "table" -%}
    comment on {{ kind }} {{ relation }} is {{ text_literal(model.description | trim) }};
    {%- for column in model.columns.values() %}
    comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ text_literal(column.description | trim) }};
    {%- endfor %}
{%- endmacro %}
