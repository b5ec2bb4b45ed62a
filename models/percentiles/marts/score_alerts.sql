{{ config(materialized="view") }}

with symptoms as (
    select * from {{ ref("int_percentiles__find_symptoms") }}
),

-- What lies between two quiet batches is one episode, and the quiet one before it counts to it.
numbered as (
    select
        symptoms.*,
        count(case when symptoms.level = 'ok' then 1 end) over (
            partition by symptoms.industry, symptoms.kind
            order by symptoms.iteration nulls last
            rows between unbounded preceding and current row
        ) as episode
    from symptoms
),

ranked as (
    select
        numbered.*,
        row_number() over (
            partition by numbered.industry, numbered.kind, numbered.episode
            order by numbered.strength desc nulls last, numbered.iteration asc nulls last
        ) as rank_of_strength,
        row_number() over (
            partition by numbered.industry, numbered.kind, numbered.episode
            order by case numbered.level when 'alert' then 1 when 'warn' then 2 else 3 end nulls last, numbered.iteration nulls last
        ) as rank_of_level
    from numbered
),

episodes as (
    select
        ranked.industry,
        ranked.kind,
        min(case when ranked.level <> 'ok' then ranked.iteration end) as started,
        lead(min(ranked.iteration)) over (partition by ranked.industry, ranked.kind order by ranked.episode nulls last) as ended,
        max(case when ranked.rank_of_strength = 1 then ranked.iteration end) as worst,
        max(case when ranked.rank_of_strength = 1 then ranked.z end) as z,
        max(case when ranked.rank_of_strength = 1 then ranked.cohens_d end) as cohens_d,
        max(case when ranked.rank_of_level = 1 then ranked.level end) as level,
        max(case when ranked.rank_of_level = 1 then ranked.iteration end) as told,
        max(case when ranked.rank_of_level = 1 then ranked.finding end) as finding
    from ranked
    group by ranked.industry, ranked.kind, ranked.episode
),

final as (
    select
        episodes.industry::string as industry,
        episodes.started::bigint as iteration,
        episodes.kind::string as kind,
        episodes.level::string as level,
        'ok'::string as previous_level,
        episodes.z::double as z,
        episodes.cohens_d::double as cohens_d,
        (
            episodes.industry || ', ' || episodes.kind || ' since batch ' || episodes.started || ', at level ' || episodes.level
            || ' in batch ' || episodes.told || ': ' || episodes.finding
        )::string as message,
        episodes.worst::bigint as worst_iteration,
        episodes.ended::bigint as ended_iteration
    from episodes
    where episodes.started is not null
)

select * from final
