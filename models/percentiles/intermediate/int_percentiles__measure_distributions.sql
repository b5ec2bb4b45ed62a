-- Sums of doubles are taken in the order of the scores: in the order of the threads they would differ in their last bits.
{{ config(
    materialized="incremental",
    pre_hook="{{ drop_stale_partitions(ref('int_percentiles__plan_distributions')) }}"
) }}

with populations as (
    {{ missing_partitions(ref("int_percentiles__plan_distributions")) }}
),

scores as (
    select * from {{ ref("int_percentiles__gather_scores") }}
),

counted as (
    select
        scores.scope,
        scores.batch_no,
        scores.fingerprint,
        scores.industry,
        scores.score,
        sum(scores.here)::bigint as here,
        sum(scores.there)::bigint as there
    from scores
    where scores.fingerprint in (select populations.fingerprint from populations)
    group by all
),

ranked as (
    select
        counted.*,
        sum(counted.here) over up_to_here as here_up_to,
        sum(counted.there) over up_to_here as there_up_to,
        sum(counted.here) over whole as here_count,
        sum(counted.there) over whole as there_count,
        lead(counted.score) over up_to_here as next_score
    from counted
    window
        whole as (partition by counted.fingerprint, counted.industry),
        up_to_here as (
            partition by counted.fingerprint, counted.industry
            order by counted.score nulls last
            rows between unbounded preceding and current row
        )
),

means as (
    select
        ranked.fingerprint,
        ranked.industry,
        sum(ranked.score * ranked.here order by ranked.score) / any_value(ranked.here_count) as mean,
        sum(ranked.score * ranked.there order by ranked.score) / nullif(any_value(ranked.there_count), 0) as baseline_mean
    from ranked
    group by ranked.fingerprint, ranked.industry
    having any_value(ranked.here_count) > 0
),

final as (
    select
        ranked.scope,
        ranked.batch_no,
        ranked.industry,
        ranked.fingerprint,
        means.mean,
        means.baseline_mean,
        any_value(ranked.here_count) as score_count,
        any_value(ranked.there_count) as baseline_count,
        sqrt(
            sum(ranked.here * (ranked.score - means.mean) ** 2 order by ranked.score) / nullif(any_value(ranked.here_count) - 1, 0)
        ) as standard_deviation,
        sqrt(
            sum(ranked.there * (ranked.score - means.baseline_mean) ** 2 order by ranked.score)
            / nullif(any_value(ranked.there_count) - 1, 0)
        ) as baseline_standard_deviation,
        min(ranked.score) filter (where ranked.here > 0) as lowest_score,
        max(ranked.score) filter (where ranked.here > 0) as highest_score,
        {%- for name, share in [("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)] %}
            {{ quantile_of_counts(share, "ranked.score", "ranked.here", "ranked.here_up_to", "ranked.here_count") }} as {{ name }}_score,
        {%- endfor %}
        {{ counts_by_tenth("ranked.here", "ranked.there", "ranked.there_up_to", "ranked.there_count") }} as decile_counts,
        {{ counts_by_tenth("ranked.there", "ranked.there", "ranked.there_up_to", "ranked.there_count") }} as baseline_decile_counts,
        max(abs(ranked.here_up_to * ranked.there_count - ranked.there_up_to * ranked.here_count))
        / (any_value(ranked.here_count) * nullif(any_value(ranked.there_count), 0))::double as ks_distance,
        sum(
            abs(ranked.here_up_to * ranked.there_count - ranked.there_up_to * ranked.here_count)
            * (ranked.next_score - ranked.score) order by ranked.score
        ) / (any_value(ranked.here_count) * nullif(any_value(ranked.there_count), 0))::double as wasserstein_distance
    from ranked
    inner join means
        on
            ranked.fingerprint = means.fingerprint
            and ranked.industry = means.industry
    group by ranked.scope, ranked.batch_no, ranked.industry, ranked.fingerprint, means.mean, means.baseline_mean
)

select * from final
