with films as (
    select * from {{ ref("int_resonance__films") }}
),

roles as (
    select * from {{ ref("int_resonance__careers") }}
    where job = 'cast'
),

states as (
    select * from {{ ref("person_states") }}
),

pairs as (
    select * from {{ ref("pair_states") }}
),

in_genres as (
    {{ means_in_genres("roles", "films", ref("int_resonance__careers"), "cast") }}
),

director_in_genres as (
    {{ means_in_genres("(select film_id, director_id as person_id from films)", "films", ref("int_resonance__careers"), "director") }}
),

final as (
    select
        films.film_id::varchar as film_id,
        roles.person_id::varchar as person_id,
        films.director_id::varchar as director_id,
        {{ labels("films") }},
        roles.bill_order::integer as bill_order,
        {{ film_features("films") }},
        films.keyword_mean::double as keyword_mean,
        coalesce(actor.credit_count, 0)::bigint as actor_credit_count,
        coalesce(actor.resonance_count, 0)::bigint as actor_rated_count,
        {{ person_features("actor", "films", "actor", "atr3", "in_genres") }},
        abs(films.budget_decile - actor.median_decile)::double as bfd,
        coalesce(actor.recent_credit_count, 0)::bigint as release_density,
        actor.billing_mean::double as actor_billing_mean,
        coalesce(director.credit_count, case when films.director_id is not null then 0 end)::bigint as director_credit_count,
        {{ person_features("director", "films", "director", "dtr3", "director_in_genres") }},
        director.best_resonance::double as director_best_resonance,
        coalesce(pairs.film_count, case when films.director_id is not null then 0 end)::bigint as pair_count,
        {{ shrunken_mean("pairs.resonance_mean", "pairs.rated_count", "films.mean_resonance") }}::double as pair_mean,
        {{ shrunken_mean("(pairs.resonance_mean - films.mean_resonance)", "pairs.rated_count", "0") }}::double as pair_lift
        {{ genre_affinities("actor") }}
    from roles
    inner join films
        on roles.film_id = films.film_id
    left join states as actor
        on
            roles.person_id = actor.person_id
            and films.film_year = actor.as_of_year
            and actor.job = 'cast'
    left join states as director
        on
            films.director_id = director.person_id
            and films.film_year = director.as_of_year
            and director.job = 'director'
    left join pairs
        on
            roles.person_id = pairs.person_id
            and films.director_id = pairs.director_id
            and films.film_year between pairs.as_of_year and pairs.until_year
    left join in_genres
        on
            roles.film_id = in_genres.film_id
            and roles.person_id = in_genres.person_id
    left join director_in_genres
        on
            films.film_id = director_in_genres.film_id
            and films.director_id = director_in_genres.person_id
)

select * from final
