{{ config(materialized="view") }}

with films as (
    select * from {{ ref("int_resonance__films") }}
),

final as (
    select
        films.film_id,
        films.title,
        films.film_year,
        films.released_on,
        films.director_id,
        films.genres,
        films.keywords,
        films.budget_usd::double as budget_usd,
        films.budget_decile,
        films.revenue_usd::double as revenue_usd,
        films.rating::double as rating,
        films.resonance::double as resonance
    from films
)

select * from final
