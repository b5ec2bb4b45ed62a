with films as (
    select * from {{ ref("int_resonance__films") }}
),

roles as (
    select * from {{ ref("int_resonance__roles") }}
    where job = 'director'
),

states as (
    select * from {{ ref("person_states") }}
    where job = 'director'
),

thresholds as (
    select * from {{ ref("label_thresholds") }}
),

joined as (
    select
        roles.person_id,
        films.*,
        high.threshold as high_threshold,
        peer.threshold as peer_threshold,
        states.last_year,
        states.first_year,
        states.last_five_count,
        states.last_five_genres,
        coalesce(states.credit_count, 0) as director_credit_count,
        coalesce(states.recent_credit_count, 0) as release_density,
        {{ shrunk("states.last_three_mean", "states.last_three_count", "films.mean_resonance") }} as dtr3,
        {{ shrunk("states.resonance_mean", "states.rated_count", "films.mean_resonance") }} as director_mean,
        {{ shrunk("states.residual_mean", "states.residual_count", "0") }} as director_residual,
        abs(films.budget_decile - states.median_decile) as bfd
    from roles
    inner join films
        on roles.film_id = films.film_id
    left join states
        on
            roles.person_id = states.person_id
            and films.film_year = states.as_of_year
    left join thresholds as high
        on high.label = 'high_resonance'
    left join thresholds as peer
        on {{ is_in_budget_bin("films.budget_usd", "peer") }}
),

final as (
    select
        joined.film_id::varchar as film_id,
        joined.person_id::varchar as director_id,
        joined.film_year::integer as film_year,
        {{ split_of("joined.film_year") }}::varchar as split,
        joined.resonance::double as resonance,
        (joined.resonance >= joined.high_threshold)::integer as high_resonance,
        (joined.resonance >= joined.peer_threshold)::integer as over_budget_peer,
        {{ film_features("joined") }},
        joined.director_credit_count::bigint as director_credit_count,
        joined.release_density::bigint as release_density,
        joined.dtr3::double as dtr3,
        joined.director_mean::double as director_mean,
        joined.director_residual::double as director_residual,
        (joined.film_year - joined.last_year)::integer as director_years_since_last,
        (joined.film_year - joined.first_year)::integer as director_career_years,
        joined.bfd::double as bfd
        {{ genre_affinities("joined") }}
    from joined
)

select * from final
