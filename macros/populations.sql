{#
    The populations whose scores are measured, a batch or a window each, as a relation: `source_fingerprint` is that of the delivery or the window,
    `fingerprint` covers it and its baselines.
#}
{% macro populations(scopes=["batch", "window"]) -%}
    (
        with baselines as (
            select batch_no, sum(cast(baseline_fingerprint as decimal(38, 0))) as baselines_sum
            from {{ ref("int_percentiles__choose_baselines") }}
            group by batch_no
        ),
        listed as (
            {%- for scope in scopes %}
            select
                '{{ scope }}' as scope,
                windows.batch_no,
                windows.{{ "delivery_fingerprint" if scope == "batch" else "fingerprint" }} as source_fingerprint
            from {{ ref("int_percentiles__define_windows") }} as windows
            where windows.age = 0 {{- " and windows.is_complete" if scope == "window" }}
            {{ "union all" if not loop.last }}
            {%- endfor %}
        )
        select
            listed.scope,
            listed.batch_no,
            listed.source_fingerprint,
            {{ fingerprint(inputs=["listed.scope", "listed.source_fingerprint", "baselines.baselines_sum"], logic=["score_distribution", "int_percentiles__measure_drift"]) }} as fingerprint
        from listed
        left join baselines on listed.batch_no = baselines.batch_no
    )
{%- endmacro %}

{#
    Each score of the populations in a CTE, or of their baselines: how often it occurs in either. One order then serves every measure.
    Counts are doubles, exact up to 2^53, because windows over DuckDB's 128-bit sums take twice as long. A view over all populations would read
    the whole history for the new one. `baseline_rank` is how many scores of the baseline are lower less how many are higher.
#}
{% macro scores_of_populations(populations) -%}
    with baseline_scores as (
        select
            baselines.baseline_fingerprint,
            records.industry,
            records.score,
            count(*) as score_count
        from (
            select distinct industry, baseline_from, baseline_to, baseline_fingerprint
            from {{ ref("int_percentiles__choose_baselines") }}
            where batch_no in (select populations.batch_no from {{ populations }} as populations)
        ) as baselines
        inner join {{ ref("int_percentiles__define_windows") }} as batches
            on batches.age = 0 and batches.batch_no between baselines.baseline_from and baselines.baseline_to
        inner join {{ ref("int_percentiles__judge_records") }} as records
            on
                batches.batch_no = records.batch_no
                and batches.delivery_fingerprint = records.fingerprint
                and baselines.industry = records.industry
        left join {{ ref("int_percentiles__find_repeats") }} as repeats
            on
                records.asset_id = repeats.asset_id
                and records.batch_no = repeats.earlier_batch_no
                and baselines.baseline_to >= repeats.batch_no
        where records.reject_reason is null and repeats.asset_id is null
        group by baselines.baseline_fingerprint, records.industry, records.score
    ),
    listed as (
        select populations.*, curve.industry, curve.score, curve.equal_count as own_count, 0 as baseline_count
        from {{ ref("percentile_curve") }} as curve
        inner join {{ populations }} as populations on curve.fingerprint = populations.source_fingerprint and populations.scope = 'window'
        union all
        select populations.*, records.industry, records.score, 1 as own_count, 0 as baseline_count
        from {{ ref("int_percentiles__judge_records") }} as records
        inner join {{ populations }} as populations
            on
                records.batch_no = populations.batch_no
                and records.fingerprint = populations.source_fingerprint
                and populations.scope = 'batch'
        where records.reject_reason is null
        union all
        select populations.*, baseline_scores.industry, baseline_scores.score, 0 as own_count, baseline_scores.score_count as baseline_count
        from {{ populations }} as populations
        inner join {{ ref("int_percentiles__choose_baselines") }} as baselines on populations.batch_no = baselines.batch_no
        inner join baseline_scores on baselines.baseline_fingerprint = baseline_scores.baseline_fingerprint
    ),
    counted as (
        select scope, batch_no, fingerprint, industry, score, sum(own_count)::double as own_count, sum(baseline_count)::double as baseline_count
        from listed
        group by scope, batch_no, fingerprint, industry, score
    ),
    cumulated as (
        select
            counted.*,
            sum(counted.own_count) over up_to_here as own_up_to,
            sum(counted.baseline_count) over up_to_here as baseline_up_to,
            sum(counted.own_count) over whole as own_total,
            sum(counted.baseline_count) over whole as baseline_total,
            lead(counted.score) over in_order as next_score
        from counted
        window
            whole as (partition by counted.fingerprint, counted.industry),
            in_order as (partition by counted.fingerprint, counted.industry order by counted.score nulls last),
            up_to_here as (
                partition by counted.fingerprint, counted.industry
                order by counted.score nulls last
                rows between unbounded preceding and current row
            )
    )
    select cumulated.*, 2 * cumulated.baseline_up_to - cumulated.baseline_count - cumulated.baseline_total as baseline_rank
    from cumulated
{%- endmacro %}

{#
    How many scores fall into each tenth of a baseline, as a list of ten. The j-th edge is the lowest score that j tenths of the baseline do not
    exceed; a score on an edge belongs below it. By ranks: no edge is ever computed, so none is ever rounded.
#}
{% macro counts_by_tenth(counted) -%}
    {%- set tenth = "least(9, floor(10 * (scores.baseline_up_to - scores.baseline_count) / nullif(scores.baseline_total, 0)))" -%}
    {%- set tenths = [] -%}
    {%- for number in range(10) -%}
        {%- do tenths.append("coalesce(sum(" ~ counted ~ ") filter (where " ~ tenth ~ " = " ~ number ~ "), 0)::bigint") -%}
    {%- endfor -%}
    case when max(scores.baseline_total) > 0 then {{ list_of(tenths) }} end
{%- endmacro %}
