{{ config(materialized="view") }}

with latest as (
    select * from {{ ref("latest_scores") }}
),

final as (
    select
        latest.id,
        latest.score,
        latest.industry,
        latest.percentile,
        latest.window_count < {{ whole_number_var("percentiles_drift_scores") }} as has_few_scores
    from latest
)

select * from final
