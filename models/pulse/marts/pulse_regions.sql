{{ config(materialized="view") }}

with regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

final as (
    select
        regions.region_code::string as region_code,
        regions.region_label::string as region_label,
        regions.parent_code::string as parent_code
    from regions
)

select * from final
