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

measured as (
    select
        films.*,
        directors.person_id as director_id,
        budgets.budget_year_pct,
        -- A deviation of 0 makes no scale.
        (ln(1 + films.revenue_usd) - revenue.mean) / nullif(revenue.deviation, 0) as revenue_z,
        (films.rating - rating.mean) / nullif(rating.deviation, 0) as rating_z
    from films
    left join scales as revenue
        on
            films.film_year = revenue.as_of_year
            and revenue.measure = 'revenue'
    left join scales as rating
        on
            films.film_year = rating.as_of_year
            and rating.measure = 'rating'
    left join budgets
        on
            films.film_year = budgets.as_of_year
            and films.budget_usd = budgets.budget_usd
    left join directors
        on films.film_id = directors.film_id
),

final as (
    select
        measured.film_id,
        measured.title,
        measured.film_year,
        measured.released_on,
        measured.director_id,
        measured.genres,
        list_sum(list_transform(measured.genres, lambda genre: {{ genre_unit("genre") }}))::bigint as packed_genres,
        measured.budget_usd,
        measured.budget_year_pct,
        -- Not least(), which makes 10 of a null.
        case when measured.budget_year_pct = 1 then 10 else floor(10 * measured.budget_year_pct) + 1 end::integer as budget_decile,
        measured.revenue_usd,
        measured.rating,
        round(1e9 * measured.revenue_z)::bigint as revenue_nano,
        round(1e9 * measured.rating_z)::bigint as rating_nano,
        round(1e9 * coalesce(measured.supplied_resonance, (measured.revenue_z + measured.rating_z) / 2))::bigint as resonance_nano,
        row_number() over (order by measured.film_year, measured.released_on nulls first, measured.film_id) as film_no
    from measured
)

select * from final
