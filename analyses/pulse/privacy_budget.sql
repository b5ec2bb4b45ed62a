-- What has mode strict cost so far? A role is in one bucket of a release, so that a release costs what one bucket costs.
with log as (
    select * from {{ ref("release_log") }}
),

releases as (
    select
        log.privacy_mode,
        log.key_id,
        log.run_id,
        count(distinct log.date_utc) as day_count,
        max(log.epsilon) as epsilon
    from log
    group by log.privacy_mode, log.key_id, log.run_id
)

select
    releases.privacy_mode,
    count(*) as release_count,
    sum(releases.day_count)::bigint as day_count,
    max(releases.epsilon) as epsilon_of_one_release,
    sum(releases.epsilon) as epsilon_spent
from releases
group by releases.privacy_mode
order by releases.privacy_mode
