-- Why these thresholds, and what they cost in false alarms: docs/percentiles.md, "Drift".
{{ config(materialized="view") }}

with distributions as (
    select * from {{ ref("score_distribution") }}
),

measured as (
    select * from {{ ref("int_percentiles__measure_drift") }}
),

compared as (
    select
        distributions.*,
        measured.baseline_count,
        measured.baseline_mean,
        measured.baseline_standard_deviation,
        measured.baseline_decile_counts,
        measured.ks_distance,
        measured.wasserstein_distance,
        distributions.mean - measured.baseline_mean as shift,
        sqrt(
            power(distributions.standard_deviation, 2) / distributions.score_count
            + power(measured.baseline_standard_deviation, 2) / measured.baseline_count
        ) as standard_error,
        sqrt(
            (
                (distributions.score_count - 1) * power(distributions.standard_deviation, 2)
                + (measured.baseline_count - 1) * power(measured.baseline_standard_deviation, 2)
            ) / (distributions.score_count + measured.baseline_count - 2)
        ) as pooled_deviation
    from distributions
    inner join measured
        on
            distributions.batch_no = measured.batch_no
            and distributions.industry = measured.industry
    where distributions.scope = 'window'
),

batches as (
    select
        distributions.industry,
        distributions.batch_no,
        distributions.mean,
        row_number() over (partition by distributions.industry order by distributions.batch_no nulls last) as ordinal
    from distributions
    where distributions.scope = 'batch'
),

trends as (
    select
        compared.batch_no,
        compared.industry,
        -- One point has no slope, and the engines disagree on what to call that.
        case when count(*) > 1 then {{ ordered("regr_slope", "batches.mean, batches.ordinal", "batches.ordinal") }} end as trend_per_batch
    from compared
    inner join batches
        on
            compared.industry = batches.industry
            and batches.batch_no between compared.baseline_to and compared.batch_no
    group by compared.batch_no, compared.industry
),

final as (
    select
        compared.industry::string as industry,
        compared.batch_no::bigint as iteration,
        compared.baseline_from::bigint as baseline_from,
        compared.baseline_to::bigint as baseline_to,
        compared.score_count::bigint as score_count,
        compared.baseline_count::bigint as baseline_count,
        compared.mean::double as mean,
        compared.baseline_mean::double as baseline_mean,
        (compared.shift / nullif(compared.standard_error, 0))::double as z,
        (compared.shift / nullif(compared.pooled_deviation, 0))::double as cohens_d,
        ({{ population_stability("compared.decile_counts", "compared.baseline_decile_counts") }})::double as psi,
        33.719948::double * (1::double / compared.score_count + 1::double / compared.baseline_count) as psi_critical,
        compared.ks_distance::double as ks_distance,
        (compared.wasserstein_distance / nullif(compared.baseline_standard_deviation, 0))::double as wasserstein_normalised,
        (compared.standard_deviation / nullif(compared.baseline_standard_deviation, 0))::double as deviation_ratio,
        trends.trend_per_batch::double as trend_per_batch,
        (case
            when
                least(compared.score_count, compared.baseline_count) < {{ whole_number_var("percentiles_drift_scores", 2) }} then 'ok'
            -- Two constants that differ have no standard error to measure it in.
            when compared.standard_error = 0 and compared.shift <> 0 then 'alert'
            when
                abs(compared.shift) > {{ number_var("percentiles_alert_z") }} * compared.standard_error
                and abs(compared.shift) >= {{ number_var("percentiles_alert_d") }} * compared.pooled_deviation then 'alert'
            when abs(compared.shift) > {{ number_var("percentiles_warn_z") }} * compared.standard_error then 'warn'
            else 'ok'
        end)::string as level
    from compared
    left join trends
        on
            compared.batch_no = trends.batch_no
            and compared.industry = trends.industry
)

select * from final
