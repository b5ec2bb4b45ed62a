{{ config(materialized="view") }}

with measured as (
    select * from {{ ref("int_percentiles__measure_distributions") }}
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

final as (
    select
        measured.industry::string as industry,
        measured.batch_no::bigint as batch_no,
        measured.scope::string as scope,
        measured.score_count::bigint as score_count,
        measured.mean::double as mean,
        measured.standard_deviation::double as standard_deviation,
        measured.lowest_score::double as lowest_score,
        measured.p05_score::double as p05_score,
        measured.p25_score::double as p25_score,
        measured.median_score::double as median_score,
        measured.p75_score::double as p75_score,
        measured.p95_score::double as p95_score,
        measured.highest_score::double as highest_score,
        measured.decile_counts,
        baselines.baseline_from::bigint as baseline_from,
        baselines.baseline_to::bigint as baseline_to
    from measured
    left join baselines
        on
            measured.batch_no = baselines.batch_no
            and measured.industry = baselines.industry
)

select * from final
