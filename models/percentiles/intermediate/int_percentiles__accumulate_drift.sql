{{ config(materialized="view") }}

{%- set statistics = {"location": "mean_baseline_percentile", "spread": "mean_baseline_distance"} %}

with distributions as (
    select * from {{ ref("score_distribution") }}
    where baseline_to is not null
),

-- A window may have no new scores of an industry: it adds nothing, and what was accumulated still holds.
batches as (
    select
        distributions.industry,
        distributions.batch_no,
        distributions.baseline_from,
        distributions.baseline_to,
        max(distributions.mean) filter (
            where distributions.scope = 'batch' and distributions.batch_no >= distributions.baseline_to
        ) as mean,
        {%- for name, value in statistics.items() %}
            coalesce(max(distributions.{{ value }}) filter (where distributions.scope = 'batch'), 0) as {{ name }},
        {%- endfor %}
        coalesce(
            max(distributions.score_count) filter (
                where distributions.scope = 'batch' and distributions.batch_no > distributions.baseline_to
            ), 0
        )::double as added
    from distributions
    group by distributions.industry, distributions.batch_no, distributions.baseline_from, distributions.baseline_to
),

numbered as (
    select
        batches.*,
        count(case when batches.added > 0 then 1 end) over (
            partition by batches.industry, batches.baseline_from, batches.baseline_to
            order by batches.batch_no nulls last
            rows between unbounded preceding and current row
        ) as number
    from batches
),

-- The root of a batch's number weighs later batches more: half way between a step, which all show alike, and a straight line.
final as (
    select
        numbered.industry,
        numbered.batch_no,
        sum(numbered.added) over so_far as added,
        sum(numbered.added * sqrt(numbered.number)) over so_far as weighed,
        sum(numbered.added * numbered.number) over so_far as weighed_twice,
        {%- for name in statistics %}
            sum(numbered.added * numbered.{{ name }}) over so_far as {{ name }},
            sum(numbered.added * sqrt(numbered.number) * numbered.{{ name }}) over so_far as weighed_{{ name }},
        {%- endfor %}
        -- One point has no slope, and the engines disagree on what to call that.
        case when count(numbered.mean) over so_far > 1 then regr_slope(numbered.mean, numbered.number) over so_far end as trend_per_batch
    from numbered
    window so_far as (
        partition by numbered.industry, numbered.baseline_from, numbered.baseline_to
        order by numbered.batch_no nulls last
        rows between unbounded preceding and current row
    )
)

select * from final
