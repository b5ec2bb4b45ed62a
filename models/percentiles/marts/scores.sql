{{ config(materialized="view") }}

with latest as (
    select * from {{ ref("latest_scores") }}
),

final as (
    select
        latest.id,
        latest.score,
        latest.industry,
        latest.percentile
    from latest
)

select * from final
