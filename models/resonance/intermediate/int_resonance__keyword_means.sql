-- Which keywords a film has says what it is about. How many it has says how well known it became, so their number is used nowhere.
with films as (
    select * from {{ ref("int_resonance__rate_films") }}
),

states as (
    select * from {{ ref("year_states") }}
    where kind = 'all'
),

keywords as (
    select
        film_id,
        film_year,
        resonance_nano,
        unnest(keywords) as keyword
    from films
),

-- The frame ends at 1 preceding: the films of the year itself do not count.
earlier_films as (
    select
        keywords.film_id,
        keywords.film_year,
        count(keywords.resonance_nano) over earlier as film_count,
        sum(keywords.resonance_nano) over earlier as resonance_total
    from keywords
    window earlier as (partition by keywords.keyword order by keywords.film_year range between unbounded preceding and 1 preceding)
),

means as (
    select
        film_id,
        film_year,
        film_count,
        resonance_total::bigint / film_count / 1e9 as resonance_mean
    from earlier_films
    where film_count > 0
),

final as (
    select
        means.film_id,
        -- Whole numbers, because a mean of doubles depends on their order.
        sum(round(1e9 * {{ shrunken_mean("means.resonance_mean", "means.film_count", "states.resonance_mean") }})::bigint)
        / count(*) / 1e9 as keyword_mean
    from means
    inner join states
        on means.film_year = states.as_of_year
    group by means.film_id
)

select * from final
