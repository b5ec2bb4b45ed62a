{{ config(materialized="table") }}

with credits as (
    {{ landed_rows("credits") }}
),

people as (
    {{ landed_rows("people") }}
),

-- The first line of a person counts.
names as (
    select
        people.person_id,
        repair_text(arg_min(people.name, people.position)) as person_name
    from people
    where people.person_id is not null
    group by people.person_id
),

final as (
    select
        credits.file_name,
        credits.position,
        credits.film_id,
        credits.person_id,
        coalesce(names.person_name, credits.person_id) as person_name,
        lower(credits.job) as job,
        try_cast(credits.billing as integer) as billing
    from credits
    left join names
        on credits.person_id = names.person_id
)

select * from final
