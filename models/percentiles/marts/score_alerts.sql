{{ config(materialized="view") }}

with drift as (
    select * from {{ ref("score_drift") }}
),

followed as (
    select
        drift.*,
        coalesce(lag(drift.level) over (partition by drift.industry order by drift.iteration nulls last), 'ok') as previous_level,
        floor(abs(drift.cohens_d) / 0.5) as half_deviations
    from drift
),

episodes as (
    select
        followed.*,
        sum(case when followed.level <> followed.previous_level then 1 else 0 end) over (
            partition by followed.industry
            order by followed.iteration nulls last
            rows between unbounded preceding and current row
        ) as episode
    from followed
),

judged as (
    select
        episodes.*,
        case
            when episodes.level <> episodes.previous_level then 'level changed'
            when episodes.level = 'alert' and episodes.half_deviations > max(episodes.half_deviations) over so_far then 'drift grew'
        end as kind
    from episodes
    window so_far as (
        partition by episodes.industry, episodes.episode
        order by episodes.iteration nulls last
        rows between unbounded preceding and 1 preceding
    )
),

final as (
    select
        judged.industry::string as industry,
        judged.iteration::bigint as iteration,
        judged.kind::string as kind,
        judged.level::string as level,
        judged.previous_level::string as previous_level,
        judged.z::double as z,
        judged.cohens_d::double as cohens_d,
        (
            judged.industry || ' is at level ' || judged.level || ' from batch ' || judged.iteration || ' on: its mean score is '
            || printf('%.3f', judged.mean) || ', against ' || printf('%.3f', judged.baseline_mean) || ' in the baseline of batches '
            || judged.baseline_from || ' to ' || judged.baseline_to
            || case when judged.cohens_d is null then '' else printf(' (%+.2f sd)', judged.cohens_d) end
            || '.' || if(judged.level = 'ok', '', ' If that is meant, name a new baseline in score_baselines.csv.')
        )::string as message
    from judged
    where judged.kind is not null
)

select * from final
