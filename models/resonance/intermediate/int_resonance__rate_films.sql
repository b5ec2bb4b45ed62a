-- Sums of whole numbers (logarithms and ratings in billionths), because a sum of doubles depends on the order of the threads.
with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null
),

measures as (
    select
        film_id,
        film_year,
        'revenue' as measure,
        ln(1 + revenue_usd) as value
    from films
    union all
    select
        film_id,
        film_year,
        'rating' as measure,
        rating as value
    from films
),

per_year as (
    select
        measures.film_year,
        measures.measure,
        count(measures.value) as film_count,
        coalesce(sum(round(measures.value * 1e9)::hugeint), 0)::hugeint as total,
        coalesce(sum(round(measures.value * 1e9)::hugeint * round(measures.value * 1e9)::hugeint), 0)::hugeint as squares
    from measures
    group by measures.film_year, measures.measure
),

-- Both frames end at 1 preceding: the films of the year itself do not count.
summed as (
    select
        per_year.film_year,
        per_year.measure,
        coalesce(sum(per_year.film_count) over recent, 0) >= {{ whole_number_var("resonance_scale_films") }} as is_recent,
        case when is_recent then sum(per_year.film_count) over recent else sum(per_year.film_count) over earlier end::hugeint as film_count,
        case when is_recent then sum(per_year.total) over recent else sum(per_year.total) over earlier end::hugeint as total,
        case when is_recent then sum(per_year.squares) over recent else sum(per_year.squares) over earlier end::hugeint as squares
    from per_year
    window
        recent as (partition by per_year.measure order by per_year.film_year range between 3 preceding and 1 preceding),
        earlier as (partition by per_year.measure order by per_year.film_year range between unbounded preceding and 1 preceding)
),

scales as (
    select
        summed.film_year,
        summed.measure,
        summed.total::double / nullif(summed.film_count, 0)::double / 1e9 as mean,
        sqrt((summed.film_count * summed.squares - summed.total * summed.total)::double)
        / nullif(summed.film_count, 0)::double / 1e9 as deviation
    from summed
),

-- A deviation of 0 makes no scale.
scores as (
    select
        measures.film_id,
        max((measures.value - scales.mean) / nullif(scales.deviation, 0)) filter (where measures.measure = 'revenue') as revenue_z,
        max((measures.value - scales.mean) / nullif(scales.deviation, 0)) filter (where measures.measure = 'rating') as rating_z
    from measures
    inner join scales
        on
            measures.film_year = scales.film_year
            and measures.measure = scales.measure
    group by measures.film_id
),

final as (
    select
        films.film_id,
        films.title,
        films.film_year,
        films.released_on,
        films.genres,
        -- Three bits a genre: see the macro genre_count.
        list_sum(list_transform(films.genres, lambda genre: case genre  -- noqa: RF02
            {% for genre in resonance_genres() %}
                when '{{ genre }}' then {{ 8 ** loop.index0 }}
            {% endfor %}
            else 0
        end))::bigint as packed_genres,
        films.keywords,
        films.budget_usd,
        films.revenue_usd,
        films.rating,
        round(1e9 * scores.revenue_z)::bigint as revenue_nano,
        round(1e9 * scores.rating_z)::bigint as rating_nano,
        round(1e9 * coalesce(films.supplied_resonance, (scores.revenue_z + scores.rating_z) / 2))::bigint as resonance_nano,
        row_number() over (order by films.film_year, films.released_on nulls first, films.film_id) as film_no
    from films
    left join scores
        on films.film_id = scores.film_id
)

select * from final
