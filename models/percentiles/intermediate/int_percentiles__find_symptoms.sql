-- What one batch shows: scores that moved, another number of scores than usual, scores far outside the industry's own scale.
{{ config(materialized="view") }}

with drift as (
    select * from {{ ref("score_drift") }}
),

distributions as (
    select * from {{ ref("score_distribution") }}
    where scope = 'batch'
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

usual as (
    select
        baselines.batch_no,
        baselines.industry,
        avg(distributions.score_count) as score_count
    from baselines
    inner join distributions
        on
            baselines.industry = distributions.industry
            and distributions.batch_no between baselines.baseline_from and baselines.baseline_to
    where baselines.batch_no > baselines.baseline_to
    group by baselines.batch_no, baselines.industry
),

batches as (
    select
        usual.industry,
        usual.batch_no,
        usual.score_count as usual_count,
        coalesce(distributions.score_count, 0) as score_count,
        distributions.lowest_score,
        distributions.highest_score,
        distributions.p25_score,
        distributions.p75_score,
        -- The root of a count has a standard error of a half; twice or half as many scores are worth a look however many there are.
        case
            when coalesce(distributions.score_count, 0) not between usual.score_count / 2 and usual.score_count * 2
                then abs(sqrt(coalesce(distributions.score_count, 0)) - sqrt(usual.score_count)) / 2.3
            else 0
        end as volume_strength,
        -- Twenty times the middle half is 27 standard deviations of normal scores: a sentinel, whatever the scale.
        coalesce(
            greatest(distributions.p25_score - distributions.lowest_score, distributions.highest_score - distributions.p75_score)
            / nullif(20 * (distributions.p75_score - distributions.p25_score), 0),
            0
        ) as outlier_strength
    from usual
    left join distributions
        on
            usual.industry = distributions.industry
            and usual.batch_no = distributions.batch_no
),

final as (
    select
        drift.industry,
        drift.iteration,
        'drift' as kind,
        drift.level,
        case when drift.level = 'ok' then 0 else drift.strength end as strength,
        drift.z,
        drift.cohens_d,
        'its mean score is ' || printf('%.3f', drift.mean) || ', against ' || printf('%.3f', drift.baseline_mean)
        || ' in the baseline of batches ' || drift.baseline_from || ' to ' || drift.baseline_to || printf(' (location %+.1f', coalesce(drift.location_z, 0))
        || printf(', spread %+.1f standard errors', coalesce(drift.spread_z, 0)) || printf(', PSI %.2f', drift.psi)
        || printf(' of %.2f). If that is meant, name a new baseline in score_baselines.csv.', drift.psi_critical) as finding
    from drift
    union all
    select
        batches.industry,
        batches.batch_no as iteration,
        'volume' as kind,
        case when batches.volume_strength > 1 then 'alert' else 'ok' end as level,
        batches.volume_strength as strength,
        null::double as z,
        null::double as cohens_d,
        'it has ' || batches.score_count || ' scores there, against ' || printf('%.0f', batches.usual_count)
        || ' a batch in its baseline.' as finding
    from batches
    union all
    select
        batches.industry,
        batches.batch_no as iteration,
        'outliers' as kind,
        case when batches.outlier_strength > 1 then 'alert' else 'ok' end as level,
        batches.outlier_strength as strength,
        null::double as z,
        null::double as cohens_d,
        'its scores go from ' || printf('%.6g', batches.lowest_score) || ' to ' || printf('%.6g', batches.highest_score)
        || ', though half of them lie between ' || printf('%.6g', batches.p25_score) || ' and ' || printf('%.6g', batches.p75_score)
        || '.' as finding
    from batches
    where batches.score_count > 0
)

select * from final
