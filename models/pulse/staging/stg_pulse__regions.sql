with regions as (
    select * from {{ configured_seed("regions", ["code", "label", "country", "currency", "parent_code"]) }} as listed
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
