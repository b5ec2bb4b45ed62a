-- Release and log are written in one transaction: each published bucket is logged without a reason, and no other is published.
with released as (
    select * from {{ ref("pulse_release") }}
),

log as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
)

select
    coalesce(released.date_utc, log.date_utc) as date_utc,
    coalesce(released.region_code, log.region_code) as region_code,
    coalesce(released.proj_type_code, log.proj_type_code) as proj_type_code,
    log.suppression_reason
from released
full outer join log
    on
        released.date_utc = log.date_utc
        and released.region_code = log.region_code
        and released.proj_type_code = log.proj_type_code
where (released.date_utc is null) = (log.suppression_reason is null)
