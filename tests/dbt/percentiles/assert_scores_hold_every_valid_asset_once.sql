-- Clients see every asset that was ever valid, once, in its latest batch.
with scores as (
    select * from {{ ref("scores") }}
),

assets as (
    select records.*
    from {{ ref("int_percentiles__judge_records") }} as records
    inner join {{ ref("int_percentiles__define_windows") }} as batches
        on records.fingerprint = batches.delivery_fingerprint
    where batches.age = 0 and records.reject_reason is null
),

latest as (
    select
        assets.asset_id,
        max(assets.batch_no) as batch_no
    from assets
    group by assets.asset_id
),

expected as (
    select
        assets.asset_id,
        assets.score,
        assets.industry
    from latest
    inner join assets
        on
            latest.asset_id = assets.asset_id
            and latest.batch_no = assets.batch_no
)

select
    expected.asset_id,
    scores.id
from expected
full outer join scores
    on
        expected.asset_id = scores.id
        and expected.score = scores.score
        and expected.industry = scores.industry
where expected.asset_id is null or scores.id is null
