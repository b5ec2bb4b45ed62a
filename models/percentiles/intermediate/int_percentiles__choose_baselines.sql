-- A window of a handful of scores is no yardstick: the first one with enough of them is.
with batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

curve as (
    select * from {{ ref("int_percentiles__place_scores") }}
),

windows as (
    select * from {{ ref("int_percentiles__define_windows") }}
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
    select distinct
        first_windows.industry,
        windows.window_from as from_batch,
        windows.window_to as to_batch,
        null as serves_from,
        'first window' as reason
    from first_windows
    inner join windows
        on first_windows.iteration = windows.iteration
    union all
    select
        named.industry,
        named.from_batch,
        named.to_batch,
        named.to_batch as serves_from,
        named.reason
    from named
),

identified as (
    select
        baselines.industry,
        baselines.from_batch,
        baselines.to_batch,
        baselines.serves_from,
        baselines.reason,
        {{ fingerprint(inputs=[
            "baselines.industry", "baselines.from_batch", "baselines.to_batch", "sum(cast(batches.fingerprint as decimal(38, 0)))"
        ], logic=["int_percentiles__count_baselines"]) }} as baseline_fingerprint
    from baselines
    inner join batches
        on batches.batch_no between baselines.from_batch and baselines.to_batch
    group by baselines.industry, baselines.from_batch, baselines.to_batch, baselines.serves_from, baselines.reason
),

final as (
    select
        batches.batch_no,
        identified.industry,
        identified.from_batch as baseline_from,
        identified.to_batch as baseline_to,
        identified.reason as baseline_reason,
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
