with films as (
    select * from {{ ref("stg_resonance__films") }}
),

measured as (
    select
        films.*,
        case when films.budget_as_given >= {{ number_var("resonance_money_floor") }} then films.budget_as_given end as budget_usd,
        case when films.revenue_as_given >= {{ number_var("resonance_money_floor") }} then films.revenue_as_given end as revenue_usd,
        case when films.rating_as_given > 0 and coalesce(films.votes_as_given, 1) > 0 then films.rating_as_given end as rating,
        films.votes_as_given::bigint as vote_count,
        md5(concat_ws(
            chr(31), films.landed_title, films.release_date, films.film_year, films.budget_as_given, films.revenue_as_given,
            films.rating_as_given, films.votes_as_given, films.resonance_as_given, films.landed_genres
        )) as values_hash
    from films
),

judged as (
    select
        measured.*,
        row_number() over same_id as occurrence,
        first_value(measured.values_hash) over same_id as first_values_hash,
        count(*) over (partition by measured.title) > count(*) over (partition by measured.title, measured.film_id) as is_title_repeated
    from measured
    window same_id as (partition by measured.film_id order by measured.file_name, measured.position)
),

final as (
    select
        judged.file_name,
        judged.position,
        judged.film_id,
        judged.title,
        judged.film_year,
        judged.released_on,
        judged.budget_usd,
        judged.revenue_usd,
        judged.rating,
        judged.vote_count,
        judged.resonance_as_given as supplied_resonance,
        judged.genres,
        judged.keywords,
        case
            when judged.line_problem is not null then judged.line_problem
            when judged.film_id is null then 'film_id_missing'
            when judged.film_year is null then 'year_unknown'
            when judged.film_year not between 1888 and 2100 then 'year_implausible'
            when judged.occurrence > 1 and judged.values_hash = judged.first_values_hash then 'duplicate'
            when judged.occurrence > 1 then 'conflict'
        end as reject_reason,
        nullif(concat_ws(
            ',',
            case when judged.budget_usd is null and judged.budget_as_given <> 0 then 'budget_implausible' end,
            case when judged.revenue_usd is null and judged.revenue_as_given <> 0 then 'revenue_implausible' end,
            case when judged.released_on is null then 'date_unknown' end,
            case when year(judged.released_on) <> judged.film_year then 'date_disagrees' end,
            case when judged.title <> judged.landed_title then 'title_repaired' end,
            case when judged.title is not null and judged.is_title_repeated then 'title_repeated' end,
            case when judged.has_unknown_genre then 'genre_unknown' end
        ), '') as flags,
        judged.values_hash as payload_hash
    from judged
)

select * from final
