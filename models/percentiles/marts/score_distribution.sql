-- Sums of doubles are taken in the order of the scores: in the order of the threads they would differ in their last bits.
{{ config(
    materialized="incremental",
    partition_by="fingerprint",
    on_schema_change="append_new_columns",
    pre_hook="{{ drop_stale_partitions(populations()) }}"
) }}

with populations as (
    {{ missing_partitions(populations()) }}
),

baselines as (
    select * from {{ ref("int_percentiles__choose_baselines") }}
),

scores as (
    {{ scores_of_populations("populations") }}
),

means as (
    select
        scores.fingerprint,
        scores.industry,
        {{ ordered("sum", "scores.score * scores.own_count", "scores.score") }} / sum(scores.own_count) as mean
    from scores
    group by scores.fingerprint, scores.industry
    having sum(scores.own_count) > 0
),

measured as (
    select
        scores.industry,
        scores.batch_no,
        scores.scope,
        max(scores.own_total) as score_count,
        means.mean,
        sqrt(
            {{ ordered("sum", "scores.own_count * power(scores.score - means.mean, 2)", "scores.score") }}
            / nullif(max(scores.own_total) - 1, 0)
        ) as standard_deviation,
        min(scores.score) filter (where scores.own_count > 0) as lowest_score,
        max(scores.score) filter (where scores.own_count > 0) as highest_score,
        -- Interpolated as numpy's default and quantile_cont do: the scores at the ranks below and above, and the way between them.
        {%- for name, share in [("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)] %}
            {%- set rank = "(" ~ share ~ "::double * (scores.own_total - 1))" %}
            min(scores.score) filter (where scores.own_count > 0 and scores.own_up_to > floor({{ rank }})) as {{ name }}_below,
            min(scores.score) filter (where scores.own_count > 0 and scores.own_up_to > ceil({{ rank }})) as {{ name }}_above,
            max({{ rank }} - floor({{ rank }})) as {{ name }}_way,
        {%- endfor %}
        {{ counts_by_tenth("scores.own_count") }} as decile_counts,
        sum(scores.own_count * scores.baseline_rank) / nullif(max(scores.own_total * scores.baseline_total), 0) as mean_rank,
        sum(scores.own_count * abs(scores.baseline_rank)) / nullif(max(scores.own_total * scores.baseline_total), 0) as mean_rank_distance,
        scores.fingerprint
    from scores
    inner join means
        on
            scores.fingerprint = means.fingerprint
            and scores.industry = means.industry
    group by scores.industry, scores.batch_no, scores.scope, scores.fingerprint, means.mean
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
        {%- for name in ["p05", "p25", "median", "p75", "p95"] %}
            (
                measured.{{ name }}_below + measured.{{ name }}_way * (measured.{{ name }}_above - measured.{{ name }}_below)
            )::double as {{ name }}_score,
        {%- endfor %}
        measured.highest_score::double as highest_score,
        measured.decile_counts,
        baselines.baseline_from::bigint as baseline_from,
        baselines.baseline_to::bigint as baseline_to,
        measured.fingerprint::bigint as fingerprint,
        (50 + 50 * measured.mean_rank)::double as mean_baseline_percentile,
        (50 * measured.mean_rank_distance)::double as mean_baseline_distance
    from measured
    left join baselines
        on
            measured.batch_no = baselines.batch_no
            and measured.industry = baselines.industry
)

select * from final
