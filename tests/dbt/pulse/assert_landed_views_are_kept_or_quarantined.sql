-- Nothing is lost on the way: the views of the deliveries in force are those classified and those in quarantine.
with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

landed as (
    select coalesce(sum(list_sum([seen.view_count for seen in notices.views])), 0) as landed_count  -- noqa: RF01
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
),

kept as (
    select coalesce(sum(view_count), 0) as kept_count from {{ ref("int_pulse__classify_rows") }}
),

quarantined as (
    select count(*) as quarantined_count from {{ ref("int_pulse__events") }}
    where event = 'quarantined' and position > 0
)

select
    landed.landed_count,
    kept.kept_count,
    quarantined.quarantined_count
from landed
cross join kept
cross join quarantined
where landed.landed_count <> kept.kept_count + quarantined.quarantined_count
