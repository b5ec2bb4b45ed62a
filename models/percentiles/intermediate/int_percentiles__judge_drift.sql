-- Why these thresholds, and what they cost in false alarms: docs/percentiles.md, "Drift".
{{ config(materialized="view") }}

with measured as (
    select * from {{ ref("int_percentiles__measure_distributions") }}
    where scope = 'window'
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

compared as (
    select
        measured.*,
        baselines.baseline_from,
        baselines.baseline_to,
        measured.mean - measured.baseline_mean as shift,
        sqrt(
            power(measured.standard_deviation, 2) / measured.score_count
            + power(measured.baseline_standard_deviation, 2) / measured.baseline_count
        ) as standard_error,
        sqrt(
            (
                (measured.score_count - 1) * power(measured.standard_deviation, 2)
                + (measured.baseline_count - 1) * power(measured.baseline_standard_deviation, 2)
            ) / (measured.score_count + measured.baseline_count - 2)
        ) as pooled_deviation,
        least(measured.score_count, measured.baseline_count)
        >= {{ whole_number_var("percentiles_drift_scores", minimum=2) }} as is_enough
    from measured
    inner join baselines
        on
            measured.batch_no = baselines.batch_no
            and measured.industry = baselines.industry
),

levelled as (
    select
        compared.*,
        compared.shift / nullif(compared.standard_error, 0) as z,
        compared.shift / nullif(compared.pooled_deviation, 0) as cohens_d,
        case
            when not compared.is_enough then 'ok'
            -- Two constants that differ have no standard error to measure it in.
            when compared.standard_error = 0 and compared.shift <> 0 then 'alert'
            when
                abs(compared.shift) > {{ number_var("percentiles_alert_z") }} * compared.standard_error
                and abs(compared.shift) >= {{ number_var("percentiles_alert_d") }} * compared.pooled_deviation then 'alert'
            when abs(compared.shift) > {{ number_var("percentiles_warn_z") }} * compared.standard_error then 'warn'
            else 'ok'
        end as level
    from compared
),

followed as (
    select
        levelled.*,
        coalesce(lag(levelled.level) over by_iteration, 'ok') as previous_level,
        floor(abs(levelled.cohens_d) / 0.5) as half_deviations
    from levelled
    window by_iteration as (partition by levelled.industry order by levelled.batch_no nulls last)
),

episodes as (
    select
        followed.*,
        sum(case when followed.level <> followed.previous_level then 1 else 0 end) over (
            partition by followed.industry
            order by followed.batch_no nulls last
            rows between unbounded preceding and current row
        ) as episode
    from followed
),

final as (
    select
        episodes.batch_no,
        episodes.industry,
        episodes.score_count,
        episodes.baseline_count,
        episodes.baseline_from,
        episodes.baseline_to,
        episodes.mean,
        episodes.baseline_mean,
        episodes.standard_deviation,
        episodes.baseline_standard_deviation,
        episodes.z,
        episodes.cohens_d,
        episodes.decile_counts,
        episodes.baseline_decile_counts,
        episodes.ks_distance,
        episodes.wasserstein_distance,
        episodes.level,
        episodes.previous_level,
        case
            when episodes.level <> episodes.previous_level then 'level changed'
            when episodes.level = 'alert' and episodes.half_deviations > max(episodes.half_deviations) over so_far then 'drift grew'
        end as alert_kind,
        episodes.industry || ' is at level ' || episodes.level || ' from batch ' || episodes.batch_no || ' on: its mean score is '
        || printf('%.3f', episodes.mean) || ', against ' || printf('%.3f', episodes.baseline_mean) || ' in the baseline of batches '
        || episodes.baseline_from || ' to ' || episodes.baseline_to
        || case when episodes.cohens_d is null then '' else printf(' (%+.2f sd)', episodes.cohens_d) end
        || '.' || if(episodes.level = 'ok', '', ' If that is meant, name a new baseline in score_baselines.csv.') as message
    from episodes
    window so_far as (
        partition by episodes.industry, episodes.episode
        order by episodes.batch_no nulls last
        rows between unbounded preceding and 1 preceding
    )
)

select * from final
