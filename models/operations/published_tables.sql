-- Written from the project itself, so that publishing and the app need neither dbt nor its manifest.
{{ config(materialized="table") }}

with listed as (
    {%- if execute %}
    {%- for mart in published_marts() %}
    select
        {{ text_literal(mart.schema) }} as table_schema,
        {{ text_literal(mart.name) }} as table_name,
        {{ text_literal(mart.audience) }} as audience,
        {{ text_literal(mart.key | join(",")) }} as key_columns,
        {{ text_literal(mart.description) }} as description
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- else %}
    select null as table_schema, null as table_name, null as audience, null as key_columns, null as description
    {%- endif %}
),

final as (
    select
        listed.table_schema::varchar as table_schema,
        listed.table_name::varchar as table_name,
        listed.audience::varchar as audience,
        listed.key_columns::varchar as key_columns,
        listed.description::varchar as description
    from listed
)

select * from final
