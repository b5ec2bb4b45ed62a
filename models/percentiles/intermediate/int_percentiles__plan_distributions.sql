with batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

windows as (
    select * from {{ ref("int_percentiles__define_windows") }}
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

populations as (
    select
        'batch' as scope,
        batches.batch_no,
        batches.fingerprint as source_fingerprint
    from batches
    union all
    select distinct
        'window' as scope,
        windows.iteration as batch_no,
        windows.fingerprint as source_fingerprint
    from windows
),

yardsticks as (
    select
        baselines.batch_no,
        sum(cast(baselines.baseline_fingerprint as decimal(38, 0))) as baselines_sum
    from baselines
    group by baselines.batch_no
),

final as (
    select
        populations.scope,
        populations.batch_no,
        populations.source_fingerprint,
        {{ fingerprint(inputs=[
            "populations.scope", "populations.source_fingerprint", "yardsticks.baselines_sum"
        ], logic=["int_percentiles__measure_distributions"]) }} as fingerprint
    from populations
    left join yardsticks
        on populations.batch_no = yardsticks.batch_no
)

select * from final
