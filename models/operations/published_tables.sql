-- Written from the project itself, so that publishing and the app need neither dbt nor its manifest.
{{ config(materialized="table") }}

with listed as (
    {{ list_published_marts() }}
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
