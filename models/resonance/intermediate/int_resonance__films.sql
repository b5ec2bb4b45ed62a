-- What was true of a film before it, budget rank and peers included, uses films of earlier years only: the frames end at 1 preceding.
with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null
),

scales as (
    select * from {{ ref("int_resonance__scales") }}
),

budgets as (
    select * from {{ ref("int_resonance__rank_budgets") }}
),

directors as (
    select * from {{ ref("int_resonance__judge_credits") }}
    where reject_reason is null and job = 'director' and bill_order = 1
),

targets as (
    select
        films.*,
        round(1e9 * coalesce(
            films.supplied_resonance,
            ((ln(1 + films.revenue_usd) - revenue.mean) / nullif(revenue.deviation, 0) + (films.rating - rating.mean) / nullif(rating.deviation, 0)) / 2
        ))::bigint as resonance_nano
    from films
    left join scales as revenue
        on
            films.film_year = revenue.as_of_year
            and revenue.measure = 'revenue'
    left join scales as rating
        on
            films.film_year = rating.as_of_year
            and rating.measure = 'rating'
),

ranked as (
    select
        targets.*,
        directors.person_id as director_id,
        budgets.budget_year_pct,
        case when budgets.budget_year_pct is not null then least(10, floor(10 * budgets.budget_year_pct) + 1) end::integer as budget_decile
    from targets
    left join budgets
        on
            targets.film_year = budgets.as_of_year
            and targets.budget_usd = budgets.budget_usd
    left join directors
        on targets.film_id = directors.film_id
),

peer_years as (
    select
        film_year,
        coalesce(budget_decile, 0) as peer_decile,
        count(resonance_nano) as rated_count,
        coalesce(sum(resonance_nano), 0)::bigint as resonance_total
    from ranked
    group by film_year, coalesce(budget_decile, 0)
),

peers as (
    select
        peer_years.film_year,
        peer_years.peer_decile,
        sum(peer_years.rated_count) over of_decile as peer_count,
        sum(peer_years.resonance_total) over of_decile as peer_total,
        sum(peer_years.rated_count) over of_all as film_count,
        sum(peer_years.resonance_total) over of_all as film_total
    from peer_years
    window
        of_decile as (
            partition by peer_years.peer_decile order by peer_years.film_year range between unbounded preceding and 1 preceding
        ),
        of_all as (order by peer_years.film_year range between unbounded preceding and 1 preceding)
),

final as (
    select
        ranked.film_id,
        ranked.title,
        ranked.film_year,
        ranked.released_on,
        ranked.director_id,
        ranked.genres,
        list_sum(list_transform(ranked.genres, lambda genre: {{ genre_unit("genre") }}))::bigint as packed_genres,
        ranked.budget_usd,
        ranked.budget_year_pct,
        ranked.budget_decile,
        ranked.revenue_usd,
        ranked.rating,
        ranked.resonance_nano,
        ranked.resonance_nano / 1e9 as resonance,
        (peers.film_total / nullif(peers.film_count, 0) / 1e9)::double as mean_resonance,
        ((coalesce(peers.peer_total, 0) + 2 * peers.film_total / nullif(peers.film_count, 0)) / (coalesce(peers.peer_count, 0) + 2) / 1e9)::double as peer_resonance,
        row_number() over (order by ranked.film_year, ranked.released_on nulls first, ranked.film_id) as film_no
    from ranked
    left join peers
        on
            ranked.film_year = peers.film_year
            and coalesce(ranked.budget_decile, 0) = peers.peer_decile
)

select * from final
