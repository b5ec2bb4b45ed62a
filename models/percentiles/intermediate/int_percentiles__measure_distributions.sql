-- Sums of doubles are taken in the order of the scores: in the order of the threads they would differ in their last bits.
-- Counts are doubles too, exact up to 2^53, because windows over DuckDB's 128-bit sums take twice as long.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__plan_distributions')) }}"
) }}

with populations as (
    {{ missing_partitions(ref("int_percentiles__plan_distributions")) }}
),

curve as (
    select * from {{ ref("int_percentiles__place_scores") }}
),

assets as (
    select * from {{ ref("int_percentiles__valid_assets") }}
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

baseline_scores as (
    select * from {{ ref("int_percentiles__count_baselines") }}
),

scores as (
    {{ population_scores() }}
),

counted as (
    select
        scores.scope,
        scores.batch_no,
        scores.fingerprint,
        scores.industry,
        scores.score,
        sum(scores.here)::double as here,
        sum(scores.there)::double as there
    from scores
    group by all
),

ranked as (
    select
        counted.*,
        sum(counted.here) over up_to_here as here_up_to,
        sum(counted.there) over up_to_here as there_up_to,
        lead(counted.score) over in_order as next_score
    from counted
    window
        in_order as (partition by counted.fingerprint, counted.industry order by counted.score nulls last),
        up_to_here as (
            partition by counted.fingerprint, counted.industry
            order by counted.score nulls last
            rows between unbounded preceding and current row
        )
),

totals as (
    select
        counted.fingerprint,
        counted.industry,
        sum(counted.here) as here_count,
        sum(counted.there) as there_count,
        {{ ordered("sum", "counted.score * counted.here", "counted.score") }} / sum(counted.here) as mean,
        {{ ordered("sum", "counted.score * counted.there", "counted.score") }} / nullif(sum(counted.there), 0) as baseline_mean
    from counted
    group by counted.fingerprint, counted.industry
    having sum(counted.here) > 0
),

final as (
    select
        ranked.scope,
        ranked.batch_no,
        ranked.industry,
        totals.mean,
        totals.baseline_mean,
        totals.here_count::bigint as score_count,
        totals.there_count::bigint as baseline_count,
        sqrt(
            {{ ordered("sum", "ranked.here * power(ranked.score - totals.mean, 2)", "ranked.score") }} / nullif(totals.here_count - 1, 0)
        ) as standard_deviation,
        sqrt(
            {{ ordered("sum", "ranked.there * power(ranked.score - totals.baseline_mean, 2)", "ranked.score") }}
            / nullif(totals.there_count - 1, 0)
        ) as baseline_standard_deviation,
        min(ranked.score) filter (where ranked.here > 0) as lowest_score,
        max(ranked.score) filter (where ranked.here > 0) as highest_score,
        {%- for name, share in [("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)] %}
            {{ quantile_of_counts(share, "ranked.score", "ranked.here", "ranked.here_up_to", "totals.here_count") }} as {{ name }}_score,
        {%- endfor %}
        {{ counts_by_tenth("ranked.here", "ranked.there", "ranked.there_up_to", "totals.there_count") }} as decile_counts,
        {{ counts_by_tenth("ranked.there", "ranked.there", "ranked.there_up_to", "totals.there_count") }} as baseline_decile_counts,
        max(abs(ranked.here_up_to * totals.there_count - ranked.there_up_to * totals.here_count))
        / (totals.here_count * nullif(totals.there_count, 0)) as ks_distance,
        {{ ordered("sum",
            "abs(ranked.here_up_to * totals.there_count - ranked.there_up_to * totals.here_count) * (ranked.next_score - ranked.score)",
            "ranked.score") }} / (totals.here_count * nullif(totals.there_count, 0)) as wasserstein_distance,
        ranked.fingerprint
    from ranked
    inner join totals
        on
            ranked.fingerprint = totals.fingerprint
            and ranked.industry = totals.industry
    group by
        ranked.scope, ranked.batch_no, ranked.industry, ranked.fingerprint,
        totals.here_count, totals.there_count, totals.mean, totals.baseline_mean
)

select * from final
