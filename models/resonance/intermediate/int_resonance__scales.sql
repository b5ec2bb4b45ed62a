-- Sums of whole numbers (logarithms and ratings in billionths), because a sum of doubles depends on the order of the threads.
with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null
),

measures as (
    select
        film_year,
        'revenue' as measure,
        round(ln(1 + revenue_usd) * 1e9)::hugeint as nano
    from films
    where revenue_usd is not null
    union all
    select
        film_year,
        'rating' as measure,
        round(rating * 1e9)::hugeint as nano
    from films
    where rating is not null
),

years as (
    select distinct film_year from films
),

grid as (
    select
        years.film_year as as_of_year,
        kinds.measure
    from years
    cross join (values ('revenue'), ('rating')) as kinds (measure)
),

per_year as (
    select
        grid.as_of_year,
        grid.measure,
        count(measures.nano) as film_count,
        coalesce(sum(measures.nano), 0)::hugeint as total,
        coalesce(sum(measures.nano * measures.nano), 0)::hugeint as square_total
    from grid
    left join measures
        on
            grid.as_of_year = measures.film_year
            and grid.measure = measures.measure
    group by grid.as_of_year, grid.measure
),

summed as (
    select
        per_year.as_of_year,
        per_year.measure,
        sum(per_year.film_count) over recent as recent_count,
        sum(per_year.total) over recent as recent_total,
        sum(per_year.square_total) over recent as recent_square_total,
        sum(per_year.film_count) over earlier as earlier_count,
        sum(per_year.total) over earlier as earlier_total,
        sum(per_year.square_total) over earlier as earlier_square_total
    from per_year
    window
        recent as (partition by per_year.measure order by per_year.as_of_year range between 3 preceding and 1 preceding),
        earlier as (partition by per_year.measure order by per_year.as_of_year range between unbounded preceding and 1 preceding)
),

chosen as (
    select
        summed.as_of_year,
        summed.measure,
        coalesce(summed.recent_count, 0) >= {{ whole_number_var("resonance_scale_films") }} as is_recent,
        case when is_recent then summed.recent_count else coalesce(summed.earlier_count, 0) end::hugeint as film_count,
        case when is_recent then summed.recent_total else summed.earlier_total end::hugeint as total,
        case when is_recent then summed.recent_square_total else summed.earlier_square_total end::hugeint as square_total
    from summed
),

final as (
    select
        chosen.as_of_year,
        chosen.measure,
        chosen.is_recent,
        chosen.film_count::bigint as film_count,
        chosen.total::double / nullif(chosen.film_count, 0)::double / 1e9 as mean,
        sqrt(
            (chosen.film_count * chosen.square_total - chosen.total * chosen.total)::double
        ) / nullif(chosen.film_count, 0)::double / 1e9 as deviation
    from chosen
)

select * from final
