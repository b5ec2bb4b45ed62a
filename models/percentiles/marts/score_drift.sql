{{ config(materialized="view") }}

with judged as (
    select * from {{ ref("int_percentiles__judge_drift") }}
),

batches as (
    select
        measured.industry,
        measured.batch_no,
        measured.mean,
        row_number() over (partition by measured.industry order by measured.batch_no nulls last) as ordinal
    from {{ ref("int_percentiles__measure_distributions") }} as measured
    where measured.scope = 'batch'
),

trends as (
    select
        judged.batch_no,
        judged.industry,
        -- One point has no slope, and the engines disagree on what to call that.
        case when count(*) > 1 then {{ ordered("regr_slope", "batches.mean, batches.ordinal", "batches.ordinal") }} end as trend_per_batch
    from judged
    inner join batches
        on
            judged.industry = batches.industry
            and batches.batch_no between judged.baseline_to and judged.batch_no
    group by judged.batch_no, judged.industry
),

final as (
    select
        judged.industry::string as industry,
        judged.batch_no::bigint as iteration,
        judged.baseline_from::bigint as baseline_from,
        judged.baseline_to::bigint as baseline_to,
        judged.score_count::bigint as score_count,
        judged.baseline_count::bigint as baseline_count,
        judged.mean::double as mean,
        judged.baseline_mean::double as baseline_mean,
        judged.z::double as z,
        judged.cohens_d::double as cohens_d,
        ({{ population_stability("judged.decile_counts", "judged.baseline_decile_counts") }})::double as psi,
        33.719948::double * (1::double / judged.score_count + 1::double / judged.baseline_count) as psi_critical,
        judged.ks_distance::double as ks_distance,
        (judged.wasserstein_distance / nullif(judged.baseline_standard_deviation, 0))::double as wasserstein_normalised,
        (judged.standard_deviation / nullif(judged.baseline_standard_deviation, 0))::double as deviation_ratio,
        trends.trend_per_batch::double as trend_per_batch,
        judged.level::string as level
    from judged
    left join trends
        on
            judged.batch_no = trends.batch_no
            and judged.industry = trends.industry
)

select * from final
