{{ config(materialized="view") }}

with careers as (
    select * from {{ ref("int_resonance__careers") }}
),

people as (
    select * from {{ ref("stg_resonance__people") }}
),

final as (
    select
        careers.film_id,
        careers.job,
        careers.person_id,
        coalesce(people.person_name, careers.person_id) as person_name,
        careers.bill_order
    from careers
    left join people
        on careers.person_id = people.person_id
)

select * from final
