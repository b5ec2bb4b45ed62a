-- Steps of the curve and assets in one order: the last step at or before an asset, the highest so far, tells how many scores lie below it.
{{ config(materialized="view") }}

with assets as (
    select * from {{ ref("scores") }}
),

curve as (
    select *
    from {{ ref("percentile_curve") }}
    where iteration = (select max(windows.iteration) from {{ windows_that("is_complete") }} as windows)
),

totals as (
    select
        curve.industry,
        curve.iteration,
        curve.window_count
    from curve
    group by curve.industry, curve.iteration, curve.window_count
),

in_one_order as (
    select
        null as id,
        curve.industry,
        curve.score,
        0 as is_asset,
        curve.score as step_score,
        curve.lower_count as step_lower,
        curve.lower_count + curve.equal_count as step_up_to
    from curve
    union all
    select
        assets.id,
        assets.industry,
        assets.score,
        1 as is_asset,
        null as step_score,
        null as step_lower,
        null as step_up_to
    from assets
),

stepped as (
    select
        in_one_order.id,
        in_one_order.industry,
        in_one_order.score,
        in_one_order.is_asset,
        max(in_one_order.step_score) over up_to_here as step_score,
        max(in_one_order.step_lower) over up_to_here as step_lower,
        max(in_one_order.step_up_to) over up_to_here as step_up_to
    from in_one_order
    window up_to_here as (
        partition by in_one_order.industry
        order by in_one_order.score nulls last, in_one_order.is_asset nulls last, in_one_order.id nulls last
        rows between unbounded preceding and current row
    )
),

counted as (
    select
        stepped.id,
        stepped.industry,
        stepped.score,
        case
            when stepped.step_score is null then 0
            when stepped.step_score = stepped.score then stepped.step_lower
            else stepped.step_up_to
        end as lower_count,
        case when stepped.step_score = stepped.score then stepped.step_up_to - stepped.step_lower else 0 end as equal_count,
        totals.window_count,
        totals.iteration
    from stepped
    left join totals
        on stepped.industry = totals.industry
    where stepped.is_asset = 1
),

final as (
    select
        counted.id::string as id,
        counted.score::double as score,
        counted.industry::string as industry,
        counted.iteration::bigint as iteration,
        counted.lower_count::bigint as lower_count,
        counted.equal_count::bigint as equal_count,
        counted.window_count::bigint as window_count,
        ({{ percentile("counted.lower_count", "counted.equal_count", "counted.window_count") }})::double as percentile,
        counted.window_count < {{ whole_number_var("percentiles_drift_scores") }} as has_few_scores
    from counted
)

select * from final
