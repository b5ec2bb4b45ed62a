{{ config(materialized="view") }}

with latest as (
    select * from {{ ref("int_percentiles__keep_latest") }}
),

final as (
    select
        latest.asset_id as id,
        latest.score,
        latest.industry,
        latest.percentile
    from latest
)

select * from final
