{{ config(materialized="view") }}

with films as (
    select * from {{ ref("int_resonance__judge_films") }}
),

rated_films as (
    select
        film_year,
        resonance_nano,
        {{ split_of("film_year") }} as split
    from {{ ref("int_resonance__rate_films") }}
),

features as (
    select * from {{ ref("int_resonance__features") }}
    where split = 'fit'
),

judged as (
    select
        file_name,
        reject_reason
    from films
    union all
    select
        file_name,
        reject_reason
    from {{ ref("int_resonance__judge_credits") }}
),

counts as (
    select
        judged.file_name,
        count(*) as landed_count,
        count(judged.reject_reason) as rejected_count
    from judged
    group by judged.file_name
),

years as (
    select
        count(*) as film_count,
        count(rated_films.resonance_nano) as rated_count,
        min(rated_films.film_year) || ' to ' || max(rated_films.film_year) as span
    from rated_films
),

splits as (
    select
        splits.split,
        count(rated_films.resonance_nano) as rated_count
    from (values ('fit'), ('validation'), ('holdout')) as splits (split)
    left join rated_films
        on splits.split = rated_films.split
    group by splits.split
),

-- Features with one value, or none, in every row.
constants as (
    select
        count(*) as row_count,
        concat_ws(
            ', ',
            {% for name in feature_columns("actor") | map(attribute="name") %}
                case when min({{ name }}) is not distinct from max({{ name }}) and count({{ name }}) in (0, count(*)) then '{{ name }}' end
                {{- "," if not loop.last }}
            {% endfor %}
        ) as column_names
    from features
),

final as (
    select
        'rows rejected' as kind,
        counts.file_name as subject,
        counts.rejected_count || ' of ' || counts.landed_count || ' rows of ' || counts.file_name
        || ' are in quarantine: operations.quarantine names the reason of each.' as message
    from counts
    where counts.rejected_count > {{ number_var("rejected_share_limit") }} * counts.landed_count
    union all
    select
        'genre unknown' as kind,
        'genres' as subject,
        count(*) || ' films have a genre that seeds/resonance/genres.csv does not know: add it there, or it counts for nothing.' as message
    from films
    where list_contains(string_split(films.flags, ','), 'genre_unknown')
    having count(*) > 0
    union all
    select
        'nothing to learn from' as kind,
        'resonance' as subject,
        case
            when years.film_count = 0
                then 'No film was kept: operations.quarantine says why; bring films in with scripts/import_films.py.'
            else 'No film has a resonance, so nothing says how they did: bring in their revenue and rating, or a resonance.'
        end as message
    from years
    where years.rated_count = 0
    union all
    select
        'split empty' as kind,
        splits.split as subject,
        'No film with a resonance lies in the years of ' || splits.split || ': there are films from ' || years.span
        || ', choose another resonance_train_cutoff_year than {{ whole_number_var("resonance_train_cutoff_year") }}.' as message
    from splits
    cross join years
    where years.rated_count > 0 and splits.rated_count = 0
    union all
    select
        'feature constant' as kind,
        'actor' as subject,
        'Every row of the fit years has the same value in ' || constants.column_names
        || ': nothing can be learnt from it, look whether its source came through.' as message
    from constants
    where constants.row_count > 1 and constants.column_names <> ''
)

select * from final
