{{ config(materialized="view", access="protected") }}

with films as (
    select * from {{ ref("int_resonance__judge_films") }}
),

credits as (
    select * from {{ ref("int_resonance__judge_credits") }}
),

kept as (
    select * from {{ ref("int_resonance__films") }}
),

features as (
    select * from {{ ref("int_resonance__features") }}
    where split = 'fit'
),

rejected as (
    select file_name, reject_reason from films
    union all
    select file_name, reject_reason from credits
),

counts as (
    select
        rejected.file_name,
        count(*) as landed_count,
        count(rejected.reject_reason) as rejected_count
    from rejected
    group by rejected.file_name
),

splits as (
    select
        count(kept.resonance) as rated_count,
        count(kept.film_id) as film_count,
        {%- for split in ["fit", "validation", "holdout"] %}
        count(kept.resonance) filter (where {{ split_of("kept.film_year") }} = '{{ split }}') as {{ split }}_count,
        {%- endfor %}
        min(kept.film_year) as first_year,
        max(kept.film_year) as last_year
    from kept
),

constants as (
    {{ constant_columns("features", feature_names("actor")) }}
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
        count(*) || ' films have a genre that seeds/resonance/genres.csv does not know: add it there, or they count as having none of it.' as message
    from films
    where list_contains(string_split(films.flags, ','), 'genre_unknown')
    having count(*) > 0
    union all
    select
        'nothing to learn from' as kind,
        'resonance' as subject,
        case
            when splits.film_count = 0 then 'No film was kept: bring films in with scripts/import_films.py, or look into operations.quarantine.'
            else 'Revenue or rating is unknown for all ' || splits.film_count || ' films, so nothing says how they did: bring in a resonance or a revenue column.'
        end as message
    from splits
    where splits.rated_count = 0
    union all
    select
        'split empty' as kind,
        splits_of.split as subject,
        'No film with a known resonance is in the years of ' || splits_of.split || ': with films from ' || splits.first_year || ' to ' || splits.last_year
        || ' choose another resonance_train_cutoff_year than {{ whole_number_var("resonance_train_cutoff_year") }}.' as message
    from splits
    cross join lateral (
        values ('fit', splits.fit_count), ('validation', splits.validation_count), ('holdout', splits.holdout_count)
    ) as splits_of (split, film_count)
    where splits.rated_count > 0 and splits_of.film_count = 0
    union all
    select
        'feature constant' as kind,
        'actor' as subject,
        'Every row of the fit years has the same value in ' || constants.column_names || ': nothing can be learnt from it; look whether its source came through.'
            as message
    from constants
    where constants.column_names <> ''
)

select * from final
