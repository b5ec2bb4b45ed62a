with films as (
    select * from {{ ref("int_resonance__films") }}
),

roles as (
    select * from {{ ref("int_resonance__roles") }}
    where job = 'cast'
),

persons as (
    select * from {{ ref("person_states") }}
),

pairs as (
    select * from {{ ref("pair_states") }}
),

thresholds as (
    select * from {{ ref("label_thresholds") }}
),

joined as (
    select
        roles.person_id,
        roles.bill_order,
        films.*,
        high.threshold as high_threshold,
        peer.threshold as peer_threshold,
        coalesce(actor.credit_count, 0) as actor_credit_count,
        coalesce(actor.rated_count, 0) as actor_rated_count,
        coalesce(actor.recent_credit_count, 0) as release_density,
        {{ shrunk("actor.last_three_mean", "actor.last_three_count", "films.mean_resonance") }} as atr3,
        {{ shrunk("actor.resonance_mean", "actor.rated_count", "films.mean_resonance") }} as actor_mean,
        {{ shrunk("actor.residual_mean", "actor.residual_count", "0") }} as actor_residual,
        films.film_year - actor.last_year as actor_years_since_last,
        films.film_year - actor.first_year as actor_career_years,
        actor.billing_mean as actor_billing_mean,
        abs(films.budget_decile - actor.median_decile) as bfd,
        actor.last_five_count,
        actor.last_five_genres,
        coalesce(director.credit_count, case when films.director_id is not null then 0 end) as director_credit_count,
        {{ shrunk("director.last_three_mean", "director.last_three_count", "films.mean_resonance") }} as dtr3,
        {{ shrunk("director.resonance_mean", "director.rated_count", "films.mean_resonance") }} as director_mean,
        {{ shrunk("director.residual_mean", "director.residual_count", "0") }} as director_residual,
        films.film_year - director.last_year as director_years_since_last,
        coalesce(pairs.film_count, case when films.director_id is not null then 0 end) as pair_count,
        {{ shrunk("pairs.resonance_mean", "pairs.rated_count", "films.mean_resonance") }} as pair_mean
    from roles
    inner join films
        on roles.film_id = films.film_id
    left join persons as actor
        on
            roles.person_id = actor.person_id
            and films.film_year = actor.as_of_year
            and actor.job = 'cast'
    left join persons as director
        on
            films.director_id = director.person_id
            and films.film_year = director.as_of_year
            and director.job = 'director'
    left join pairs
        on
            roles.person_id = pairs.person_id
            and films.director_id = pairs.director_id
            and films.film_year = pairs.as_of_year
    left join thresholds as high
        on high.label = 'high_resonance'
    left join thresholds as peer
        on {{ is_in_budget_bin("films.budget_usd", "peer") }}
),

final as (
    select
        joined.film_id::varchar as film_id,
        joined.person_id::varchar as person_id,
        joined.director_id::varchar as director_id,
        joined.film_year::integer as film_year,
        {{ split_of("joined.film_year") }}::varchar as split,
        joined.resonance::double as resonance,
        (joined.resonance >= joined.high_threshold)::integer as high_resonance,
        (joined.resonance >= joined.peer_threshold)::integer as over_budget_peer,
        joined.bill_order::integer as bill_order,
        {{ film_features("joined") }},
        joined.actor_credit_count::bigint as actor_credit_count,
        joined.actor_rated_count::bigint as actor_rated_count,
        joined.release_density::bigint as release_density,
        joined.atr3::double as atr3,
        joined.actor_mean::double as actor_mean,
        joined.actor_residual::double as actor_residual,
        joined.actor_years_since_last::integer as actor_years_since_last,
        joined.actor_career_years::integer as actor_career_years,
        joined.actor_billing_mean::double as actor_billing_mean,
        joined.bfd::double as bfd,
        joined.director_credit_count::bigint as director_credit_count,
        joined.dtr3::double as dtr3,
        joined.director_mean::double as director_mean,
        joined.director_residual::double as director_residual,
        joined.director_years_since_last::integer as director_years_since_last,
        joined.pair_count::bigint as pair_count,
        joined.pair_mean::double as pair_mean,
        count(*) over others as cast_count,
        (sum(round(1e9 * joined.actor_mean)::bigint) over others / nullif(count(joined.actor_mean) over others, 0) / 1e9)::double as cast_mean,
        (max(joined.actor_mean) over others)::double as cast_max,
        (sum(joined.actor_credit_count) over others)::bigint as cast_credit_count
        {{ genre_affinities("joined") }}
    from joined
    window others as (partition by joined.film_id rows between unbounded preceding and unbounded following exclude current row)
)

select * from final
