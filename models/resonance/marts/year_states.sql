-- The frame ends at 1 preceding: the films of the year itself do not count.
with films as (
    select * from {{ ref("int_resonance__rate_films") }}
),

budgets as (
    select * from {{ ref("int_resonance__rank_budgets") }}
),

years as (
    select unnest(range(min(films.film_year), max(films.film_year) + 2)) as as_of_year
    from films
),

members as (
    select
        films.film_year,
        'all' as kind,
        'all' as slice,
        films.resonance_nano
    from films
    union all
    -- Films of unknown budget are peers of each other: decile 0.
    select
        films.film_year,
        'budget_decile' as kind,
        coalesce(budgets.budget_decile, 0)::varchar as slice,
        films.resonance_nano
    from films
    left join budgets
        on films.film_id = budgets.film_id
    union all
    select
        films.film_year,
        'genre' as kind,
        unnest(films.genres) as slice,
        films.resonance_nano
    from films
),

per_year as (
    select
        members.film_year,
        members.kind,
        members.slice,
        count(members.resonance_nano) as film_count,
        coalesce(sum(members.resonance_nano), 0)::bigint as resonance_total
    from members
    group by members.film_year, members.kind, members.slice
),

slices as (
    select distinct
        per_year.kind,
        per_year.slice
    from per_year
),

grid as (
    select
        years.as_of_year,
        slices.kind,
        slices.slice
    from years
    cross join slices
),

summed as (
    select
        grid.as_of_year,
        grid.kind,
        grid.slice,
        coalesce(sum(per_year.film_count) over earlier, 0) as film_count,
        coalesce(sum(per_year.resonance_total) over earlier, 0) as resonance_total
    from grid
    left join per_year
        on
            grid.as_of_year = per_year.film_year
            and grid.kind = per_year.kind
            and grid.slice = per_year.slice
    window earlier as (partition by grid.kind, grid.slice order by grid.as_of_year range between unbounded preceding and 1 preceding)
),

final as (
    select
        summed.as_of_year::integer as as_of_year,
        summed.kind::varchar as kind,
        summed.slice::varchar as slice,
        summed.film_count::bigint as film_count,
        (summed.resonance_total / nullif(summed.film_count, 0) / 1e9)::double as resonance_mean
    from summed
)

select * from final
