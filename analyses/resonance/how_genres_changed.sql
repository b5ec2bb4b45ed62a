-- How did films of each genre resonate as of a year, and fifteen years before it?
with states as (
    select * from {{ ref("year_states") }}
),

genres as (
    select
        states.*,
        max(states.as_of_year) over () as newest_year
    from states
    where states.kind = 'genre'
)

select
    genres.slice as genre,
    max(genres.film_count) as film_count,
    round(any_value(genres.resonance_mean) filter (where genres.as_of_year = genres.newest_year - 15), 2) as fifteen_years_ago,
    round(any_value(genres.resonance_mean) filter (where genres.as_of_year = genres.newest_year), 2) as now
from genres
group by genres.slice
having max(genres.film_count) >= 60
order by now desc nulls last, genre asc
limit 6
