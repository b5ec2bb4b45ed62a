-- A window of a handful of scores is no yardstick: the first one with enough of them is.
with batches as (
    select * from {{ ref("int_percentiles__define_windows") }}
    where age = 0
),

curve as (
    select * from {{ ref("percentile_curve") }}
),

named as (
    select * from {{ ref("stg_percentiles__baselines") }}
),

first_windows as (
    select
        curve.industry,
        min(curve.iteration) as iteration
    from curve
    where curve.window_count >= {{ whole_number_var("percentiles_drift_scores", minimum=2) }}
    group by curve.industry
),

baselines as (
    select
        first_windows.industry,
        batches.window_from as from_batch,
        batches.window_to as to_batch,
        null as serves_from
    from first_windows
    inner join batches
        on first_windows.iteration = batches.iteration
    union all
    select
        named.industry,
        named.from_batch,
        named.to_batch,
        named.to_batch as serves_from
    from named
),

identified as (
    select
        baselines.industry,
        baselines.from_batch,
        baselines.to_batch,
        baselines.serves_from,
        {{ fingerprint(inputs=[
            "baselines.industry", "baselines.from_batch", "baselines.to_batch",
            "sum(cast(batches.delivery_fingerprint as decimal(38, 0)))"
        ], logic=["score_distribution"]) }} as baseline_fingerprint
    from baselines
    inner join batches
        on batches.batch_no between baselines.from_batch and baselines.to_batch
    group by baselines.industry, baselines.from_batch, baselines.to_batch, baselines.serves_from
),

final as (
    select
        batches.batch_no,
        identified.industry,
        identified.from_batch as baseline_from,
        identified.to_batch as baseline_to,
        identified.baseline_fingerprint
    from batches
    inner join identified
        on batches.batch_no >= coalesce(identified.serves_from, 0)
    qualify row_number() over (
        partition by batches.batch_no, identified.industry
        order by identified.serves_from desc nulls last
    ) = 1
)

select * from final
