with films as (
    select * from {{ ref("int_resonance__films") }}
),

roles as (
    select * from {{ ref("int_resonance__careers") }}
    where job = 'director'
),

states as (
    select * from {{ ref("person_states") }}
    where job = 'director'
),

in_genres as (
    {{ means_in_genres("roles", "films", ref("int_resonance__careers"), "director") }}
),

final as (
    select
        films.film_id::varchar as film_id,
        roles.person_id::varchar as director_id,
        {{ labels("films") }},
        {{ film_features("films") }},
        coalesce(states.credit_count, 0)::bigint as director_credit_count,
        {{ person_features("states", "films", "director", "dtr3", "in_genres") }},
        states.best_resonance::double as director_best_resonance,
        abs(films.budget_decile - states.median_decile)::double as bfd,
        coalesce(states.recent_credit_count, 0)::bigint as release_density
        {{ genre_affinities("states") }}
    from roles
    inner join films
        on roles.film_id = films.film_id
    left join states
        on
            roles.person_id = states.person_id
            and films.film_year = states.as_of_year
    left join in_genres
        on
            roles.film_id = in_genres.film_id
            and roles.person_id = in_genres.person_id
)

select * from final
