{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    on_schema_change="append_new_columns",
    pre_hook="{{ drop_stale_partitions(populations(['window'])) }}"
) }}

-- Compares each window with its baseline, score by score. `own_up_to` and `baseline_up_to` count the scores up to this one,
-- `baseline_rank` is the lower baseline scores less the higher ones (macros/populations.sql): 50 × rank / total is the distance of its
-- percentile from 50.
with populations as (
    {{ missing_partitions(populations(["window"])) }}
),

scores as (
    {{ scores_of_populations("populations") }}
),

baseline_means as (
    select
        scores.fingerprint,
        scores.industry,
        {{ ordered("sum", "scores.score * scores.baseline_count", "scores.score") }} / sum(scores.baseline_count) as baseline_mean
    from scores
    group by scores.fingerprint, scores.industry
    having sum(scores.own_count) > 0 and sum(scores.baseline_count) > 0
),

final as (
    select
        scores.batch_no,
        scores.industry,
        max(scores.baseline_total)::bigint as baseline_count,
        baseline_means.baseline_mean,
        sqrt(
            {{ ordered("sum", "scores.baseline_count * power(scores.score - baseline_means.baseline_mean, 2)", "scores.score") }}
            / nullif(max(scores.baseline_total) - 1, 0)
        ) as baseline_standard_deviation,
        min(scores.score) filter (where 2 * scores.baseline_up_to >= scores.baseline_total) as baseline_median,
        {{ counts_by_tenth("scores.baseline_count") }} as baseline_decile_counts,
        50 * sum(scores.baseline_count * abs(scores.baseline_rank)) / power(max(scores.baseline_total), 2) as baseline_distance,
        2500 * {{ ordered("sum", "scores.baseline_count * power(scores.baseline_rank, 2)", "scores.score") }}
        / power(max(scores.baseline_total), 3) as baseline_percentile_variance,
        max(abs(scores.own_up_to * scores.baseline_total - scores.baseline_up_to * scores.own_total))
        / max(scores.own_total * scores.baseline_total) as ks_distance,
        {{ ordered("sum",
            "abs(scores.own_up_to * scores.baseline_total - scores.baseline_up_to * scores.own_total) * (scores.next_score - scores.score)",
            "scores.score") }} / max(scores.own_total * scores.baseline_total) as wasserstein_distance,
        scores.fingerprint
    from scores
    inner join baseline_means
        on
            scores.fingerprint = baseline_means.fingerprint
            and scores.industry = baseline_means.industry
    group by scores.batch_no, scores.industry, scores.fingerprint, baseline_means.baseline_mean
)

select * from final
