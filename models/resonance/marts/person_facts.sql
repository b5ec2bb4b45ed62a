{{ config(materialized="table") }}

with landed as (
    select * from {{ ref("stg_resonance__people") }}
    where person_id is not null
),

-- The first line of a person counts, whole: years of one line and the gender of another would be two people's.
final as (
    select
        landed.person_id,
        landed.person_name,
        landed.born_year,
        landed.died_year,
        landed.gender,
        landed.professions,
        landed.licence,
        landed.facts_from,
        landed.facts_licence
    from landed
    qualify row_number() over (partition by landed.person_id order by landed.position, landed.file_name) = 1
)

select * from final
