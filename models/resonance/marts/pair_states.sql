-- One row per state and not per year: most pairs meet once, and a row a year would be twelve times as many as roles.
with roles as (
    select * from {{ ref("int_resonance__careers") }}
    where job = 'cast' and director_id is not null
),

horizon as (
    select max(film_year) + 1 as last_year from {{ ref("int_resonance__rate_films") }}
),

per_year as (
    select
        roles.person_id,
        roles.director_id,
        roles.film_year,
        count(*) as film_count,
        count(roles.resonance_nano) as rated_count,
        coalesce(sum(roles.resonance_nano), 0)::bigint as resonance_total
    from roles
    group by roles.person_id, roles.director_id, roles.film_year
),

running as (
    select
        per_year.person_id,
        per_year.director_id,
        per_year.film_year,
        lead(per_year.film_year) over career as next_year,
        sum(per_year.film_count) over career as film_count,
        sum(per_year.rated_count) over career as rated_count,
        sum(per_year.resonance_total) over career as resonance_total
    from per_year
    window career as (partition by per_year.person_id, per_year.director_id order by per_year.film_year)
),

final as (
    select
        running.person_id::varchar as person_id,
        running.director_id::varchar as director_id,
        (running.film_year + 1)::integer as as_of_year,
        coalesce(running.next_year, horizon.last_year)::integer as until_year,
        running.film_year::integer as last_year,
        running.film_count::bigint as film_count,
        running.rated_count::bigint as rated_count,
        (running.resonance_total / nullif(running.rated_count, 0) / 1e9)::double as resonance_mean
    from running
    cross join horizon
)

select * from final
