-- An iteration has one row for each valid asset of its window, the later copy of an id that came twice: no asset lost, none doubled.
with history as (
    select * from {{ ref("score_history") }}
),

windows as (
    select * from {{ ref("int_percentiles__define_windows") }}
    where is_kept
),

assets as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

expected as (
    select
        windows.iteration,
        count(distinct assets.asset_id) as asset_count
    from windows
    left join assets
        on windows.delivery_fingerprint = assets.fingerprint
    group by windows.iteration
),

found as (
    select
        history.computed_at_batch as iteration,
        count(*) as asset_count
    from history
    group by history.computed_at_batch
)

select
    expected.iteration,
    expected.asset_count,
    found.asset_count as found_count
from expected
full outer join found
    on expected.iteration = found.iteration
where coalesce(expected.asset_count, 0) <> coalesce(found.asset_count, 0)
