{{ config(materialized="view") }}

with regions as (
    select * from {{ ref("int_pulse__name_regions") }}
),

final as (
    select
        regions.region_code::varchar as region_code,
        regions.region_label::varchar as region_label,
        regions.parent_code::varchar as parent_code
    from regions
)

select * from final
