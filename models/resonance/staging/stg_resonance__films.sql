-- Everything is read from text here and nowhere else, so that nothing is guessed: 1_000, NaN or 12abc are not sums.
with landed as (
    {{ landed_rows("films") }}
),

genres as (
    select
        lower(trim(label)) as genre_label,
        nullif(trim(genre), '') as genre
    from {{ ref("genres") }}
),

labels as (
    select
        landed.file_name,
        landed.position,
        lower(trim(unnest(string_split(landed.genres, '|')))) as genre_label
    from landed
),

film_genres as (
    select
        labels.file_name,
        labels.position,
        bool_or(genres.genre_label is null) as has_unknown_genre,
        case
            when bool_or(genres.genre_label is not null)
                then coalesce(list(distinct genres.genre order by genres.genre) filter (where genres.genre is not null), [])
        end as genres
    from labels
    left join genres
        on labels.genre_label = genres.genre_label
    group by labels.file_name, labels.position
),

keywords as (
    select
        landed.file_name,
        landed.position,
        trim(regexp_replace(lower(unnest(string_split(landed.keywords, '|'))), '\s+', ' ', 'g')) as keyword
    from landed
),

film_keywords as (
    select
        keywords.file_name,
        keywords.position,
        list(distinct keywords.keyword order by keywords.keyword) as keywords
    from keywords
    where keywords.keyword <> ''
    group by keywords.file_name, keywords.position
),

numbers as (
    select
        landed.*,
        {{ number_of("landed.budget") }} as budget_as_given,
        {{ number_of("landed.revenue") }} as revenue_as_given,
        {{ number_of("landed.rating") }} as rating_as_given,
        {{ number_of("landed.vote_count") }} as votes_as_given,
        {{ number_of("landed.supplied_resonance") }} as resonance_as_given,
        {{ number_of("landed.release_year") }} as year_as_given,
        regexp_extract(landed.release_date, '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})', ['y', 'm', 'd']) as iso_date,
        regexp_extract(landed.release_date, '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})$', ['m', 'd', 'y']) as us_date
    from landed
),

years as (
    select
        numbers.*,
        case
            when numbers.year_as_given = floor(numbers.year_as_given) and numbers.year_as_given between 0 and 9999
                then numbers.year_as_given::integer
        end as release_year_number,
        coalesce(
            nullif(numbers.iso_date.y, ''), case when length(numbers.us_date.y) = 4 then numbers.us_date.y end
        )::integer as date_year,
        coalesce(nullif(numbers.iso_date.m, ''), nullif(numbers.us_date.m, ''))
        || '-' || coalesce(nullif(numbers.iso_date.d, ''), nullif(numbers.us_date.d, '')) as month_and_day
    from numbers
),

final as (
    select
        years.file_name,
        years.position,
        years.line_problem,
        years.film_id,
        repair_text(years.title) as title,
        years.title as landed_title,
        years.release_date,
        coalesce(years.release_year_number, years.date_year) as film_year,
        -- 6/15/60 does not say which century: the year column does.
        try_cast(
            coalesce(years.date_year, case when years.us_date.y <> '' then years.release_year_number end)
            || '-' || years.month_and_day as date
        ) as released_on,
        years.budget_as_given,
        years.revenue_as_given,
        years.rating_as_given,
        years.votes_as_given,
        years.resonance_as_given,
        years.genres as landed_genres,
        film_genres.genres,
        coalesce(film_genres.has_unknown_genre, false) as has_unknown_genre,
        film_keywords.keywords,
        years.landed_at
    from years
    left join film_genres
        on
            years.file_name = film_genres.file_name
            and years.position = film_genres.position
    left join film_keywords
        on
            years.file_name = film_keywords.file_name
            and years.position = film_keywords.position
)

select * from final
