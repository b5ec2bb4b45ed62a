with ours as (
    select * from {{ ref("regions") }}
),

own as (
    select * from {{ ref("regions_local") }}
),

regions as (
    select
        own.*,
        true as is_own
    from own
    union all
    select
        ours.*,
        false as is_own
    from ours
),

final as (
    select
        trim(regions.code) as region_code,
        regions.label as region_label,
        upper(trim(regions.country)) as country_code,
        upper(trim(regions.currency)) as currency_code,
        trim(regions.parent_code) as parent_code
    from regions
    qualify row_number() over (partition by trim(regions.code) order by regions.is_own desc nulls last, regions.label asc nulls last) = 1
)

select * from final
