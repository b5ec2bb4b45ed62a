with films as (
    select * from {{ ref("int_resonance__rate_films") }}
),

directors as (
    select * from {{ ref("int_resonance__judge_credits") }}
    where reject_reason is null and job = 'director' and bill_order = 1
),

budgets as (
    select * from {{ ref("int_resonance__rank_budgets") }}
),

states as (
    select * from {{ ref("year_states") }}
),

peers as (
    {{ budget_peers("states") }}
),

thresholds as (
    select * from {{ ref("label_thresholds") }}
),

film_genres as (
    select
        film_id,
        film_year,
        unnest(genres) as genre
    from films
),

genre_states as (
    select
        film_genres.film_id,
        -- A genre without a past is as good as any. Whole numbers, because a mean of doubles depends on their order.
        sum(round(1e9 * coalesce(
            {{ shrunken_mean("of_genre.resonance_mean", "of_genre.film_count", "of_all.resonance_mean") }}, of_all.resonance_mean
        ))::bigint) / count(of_all.resonance_mean) / 1e9 as genre_mean
    from film_genres
    inner join states as of_genre
        on
            film_genres.film_year = of_genre.as_of_year
            and film_genres.genre = of_genre.slice
            and of_genre.kind = 'genre'
    inner join states as of_all
        on
            film_genres.film_year = of_all.as_of_year
            and of_all.kind = 'all'
    group by film_genres.film_id
),

keyword_means as (
    select * from {{ ref("int_resonance__keyword_means") }}
),

final as (
    select
        films.film_id,
        films.title,
        films.film_year,
        films.released_on,
        directors.person_id as director_id,
        films.genres,
        films.packed_genres,
        films.keywords,
        films.budget_usd,
        budgets.budget_year_pct,
        budgets.budget_decile,
        films.revenue_usd,
        films.rating,
        films.revenue_nano,
        films.rating_nano,
        films.resonance_nano,
        films.film_no,
        films.resonance_nano / 1e9 as resonance,
        of_all.resonance_mean as mean_resonance,
        peers.peer_resonance,
        genre_states.genre_mean,
        keyword_means.keyword_mean,
        (films.resonance_nano / 1e9 >= high.threshold)::integer as high_resonance,
        (films.resonance_nano / 1e9 >= peer.threshold)::integer as over_budget_peer
    from films
    left join directors
        on films.film_id = directors.film_id
    left join budgets
        on films.film_id = budgets.film_id
    left join states as of_all
        on
            films.film_year = of_all.as_of_year
            and of_all.kind = 'all'
    left join peers
        on
            films.film_year = peers.as_of_year
            and coalesce(budgets.budget_decile, 0) = peers.budget_decile
    left join genre_states
        on films.film_id = genre_states.film_id
    left join keyword_means
        on films.film_id = keyword_means.film_id
    left join thresholds as high
        on high.label = 'high_resonance'
    left join thresholds as peer
        on
            peer.label = 'over_budget_peer'
            and {{ is_in_budget_bin("films.budget_usd", "peer") }}
)

select * from final
