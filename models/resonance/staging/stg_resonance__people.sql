{{ config(materialized="table") }}

with landed as (
    {{ landed_rows("people") }}
),

-- TMDB counts genders: 1 female, 2 male, 3 neither. IMDb only says actress or actor.
meant as (
    select
        landed.*,
        try_cast(regexp_extract(landed.born, '[0-9]{4}') as integer) as year_of_birth,
        try_cast(regexp_extract(landed.died, '[0-9]{4}') as integer) as year_of_death,
        replace(lower(landed.professions), ' ', '') as plain_professions,
        case
            when lower(landed.gender) in ('female', 'f', '1') then 'female'
            when lower(landed.gender) in ('male', 'm', '2') then 'male'
            when lower(landed.gender) in ('non-binary', 'nonbinary', '3') then 'non-binary'
        end as said_gender
    from landed
),

final as (
    select
        meant.file_name,
        meant.position,
        meant.person_id,
        repair_text(meant.name) as person_name,
        case when meant.year_of_birth between 1800 and 2100 then meant.year_of_birth end as born_year,
        case
            when meant.year_of_death between coalesce(meant.year_of_birth, 1800) and 2100 then meant.year_of_death
        end as died_year,
        coalesce(meant.said_gender, case
            when list_contains(string_split(meant.plain_professions, ','), 'actress') then 'female'
            when list_contains(string_split(meant.plain_professions, ','), 'actor') then 'male'
        end) as gender,
        meant.plain_professions as professions,
        meant.licence,
        meant.facts_from,
        meant.facts_licence
    from meant
)

select * from final
