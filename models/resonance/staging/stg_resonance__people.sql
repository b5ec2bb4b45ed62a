{{ config(materialized="table") }}

with landed as (
    {{ landed_rows("people") }}
),

own as (
    select * from {{ configured_rows("people", ["person_id", "name", "born", "died", "gender", "professions"]) }} as written
),

-- What the home's config says of a person, by id or else by name, counts for more than what was imported.
known as (
    select
        landed.* exclude (born, died, gender, professions, facts_from),
        coalesce(nullif(own.born, ''), landed.born) as born,
        coalesce(nullif(own.died, ''), landed.died) as died,
        coalesce(nullif(own.gender, ''), landed.gender) as gender,
        coalesce(nullif(own.professions, ''), landed.professions) as professions,
        nullif(concat_ws(', ', landed.facts_from, case when own.is_own then 'config/people.csv' end), '') as facts_from
    from landed
    left join own
        on landed.person_id = own.person_id or (own.person_id = '' and lower(repair_text(landed.name)) = lower(own.name))
    qualify row_number() over (partition by landed.file_name, landed.position, landed.person_id order by own.person_id desc nulls last) = 1
),

-- TMDB counts genders: 1 female, 2 male, 3 neither. IMDb only says actress or actor.
meant as (
    select
        known.*,
        try_cast(regexp_extract(known.born, '[0-9]{4}') as integer) as year_of_birth,
        try_cast(regexp_extract(known.died, '[0-9]{4}') as integer) as year_of_death,
        replace(lower(known.professions), ' ', '') as plain_professions,
        case
            when lower(known.gender) in ('female', 'f', '1') then 'female'
            when lower(known.gender) in ('male', 'm', '2') then 'male'
            when lower(known.gender) in ('non-binary', 'nonbinary', '3') then 'non-binary'
        end as said_gender
    from known
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
