-- Why these statistics and limits, and what they cost in false alarms: docs/percentiles.md, "Drift". `python -m benchmarks.drift` shows it.
{{ config(materialized="view") }}

{#- If all baseline scores are equal, their variance is 0: at least 25 is used, a standard deviation of five percentile points.
    The 40 and the 0.5 below come from simulation (docs/decisions/0009). #}
{%- set percentile_variance = "greatest(25, measured.baseline_percentile_variance)" %}
{%- set distance_variance = "greatest(25, measured.baseline_percentile_variance - power(measured.baseline_distance, 2))" %}
{%- set statistics = [
    ("location", "windows.mean_baseline_percentile", "50", percentile_variance),
    ("spread", "windows.mean_baseline_distance", "measured.baseline_distance", distance_variance),
] %}

with distributions as (
    select * from {{ ref("score_distribution") }}
    where scope = 'window'
),

measured as (
    select * from {{ ref("int_percentiles__measure_drift") }}
),

accumulated as (
    select * from {{ ref("int_percentiles__accumulate_drift") }}
),

compared as (
    select
        windows.*,
        measured.baseline_count,
        measured.baseline_mean,
        measured.baseline_standard_deviation,
        measured.baseline_median,
        measured.ks_distance,
        measured.wasserstein_distance,
        accumulated.trend_per_batch,
        windows.mean - measured.baseline_mean as shift,
        sqrt(
            power(windows.standard_deviation, 2) / windows.score_count
            + power(measured.baseline_standard_deviation, 2) / measured.baseline_count
        ) as standard_error,
        sqrt(
            (
                (windows.score_count - 1) * power(windows.standard_deviation, 2)
                + (measured.baseline_count - 1) * power(measured.baseline_standard_deviation, 2)
            ) / (windows.score_count + measured.baseline_count - 2)
        ) as pooled_deviation,
        {{ population_stability("windows.decile_counts", "measured.baseline_decile_counts") }} as psi,
        40 * (1::double / windows.score_count + 1::double / measured.baseline_count) as psi_critical,
        {%- for name, value, baseline, variance in statistics %}
            (
                accumulated.weighed_{{ name }} - {{ baseline }} * accumulated.weighed
                - accumulated.weighed / (measured.baseline_count + accumulated.added)
                * (accumulated.{{ name }} - {{ baseline }} * accumulated.added)
            ) / nullif(sqrt({{ variance }} * (
                accumulated.weighed_twice - power(accumulated.weighed, 2) / (measured.baseline_count + accumulated.added)
            )), 0) as {{ name }}_z,
            ({{ value }} - {{ baseline }})
            / sqrt({{ variance }} * (1::double / windows.score_count + 1::double / measured.baseline_count)) as {{ name }}_now,
        {%- endfor %}
        least(windows.score_count, measured.baseline_count) >= {{ whole_number_var("percentiles_drift_scores", 2) }} as has_enough
    from distributions as windows
    inner join measured
        on
            windows.batch_no = measured.batch_no
            and windows.industry = measured.industry
    inner join accumulated
        on
            windows.batch_no = accumulated.batch_no
            and windows.industry = accumulated.industry
),

-- The accumulated sum counts only while the newest window is itself more than two standard errors off on that side: an alert ends with
-- its drift.
judged as (
    select
        compared.*,
        case when compared.has_enough then greatest(
            case when sign(compared.location_z) * compared.location_now > 2 then abs(compared.location_z) else 0 end
            / {{ number_var("percentiles_alert_z") }},
            case when sign(compared.spread_z) * compared.spread_now > 2 then abs(compared.spread_z) else 0 end
            / ({{ number_var("percentiles_alert_z") }} + 0.5),
            compared.psi / compared.psi_critical
        ) else 0 end as strength
    from compared
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
        (judged.shift / nullif(judged.standard_error, 0))::double as z,
        (judged.shift / nullif(judged.pooled_deviation, 0))::double as cohens_d,
        judged.psi::double as psi,
        judged.psi_critical::double as psi_critical,
        judged.ks_distance::double as ks_distance,
        (judged.wasserstein_distance / nullif(judged.baseline_standard_deviation, 0))::double as wasserstein_normalised,
        (judged.standard_deviation / nullif(judged.baseline_standard_deviation, 0))::double as deviation_ratio,
        judged.trend_per_batch::double as trend_per_batch,
        (case
            when judged.strength > 1 and judged.psi >= power({{ number_var("percentiles_alert_d") }}, 2) then 'alert'
            when judged.strength > {{ number_var("percentiles_warn_z") }} / {{ number_var("percentiles_alert_z") }} then 'warn'
            else 'ok'
        end)::string as level,
        judged.location_z::double as location_z,
        judged.spread_z::double as spread_z,
        judged.strength::double as strength
    from judged
)

select * from final
