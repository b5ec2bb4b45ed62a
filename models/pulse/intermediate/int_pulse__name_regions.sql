{{ config(materialized="view") }}

with regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

final as (
    select
        regions.region_code,
        regions.region_label,
        regions.parent_code
    from regions
)

select * from final
