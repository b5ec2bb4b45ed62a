with regions as (
    select * from {{ configured_seed("regions", ["code", "label", "country", "currency", "parent_code"]) }} as listed
),

areas as (
    select * from {{ configured_seed("region_areas", ["code", "country", "state", "latitude", "longitude", "radius_km"]) }} as listed
),

celled as (
    select
        trim(areas.code) as region_code,
        concat_ws(
            chr(31), trim(areas.code), coalesce(upper(trim(areas.country)), ''), coalesce(upper(trim(areas.state)), ''),
            coalesce(areas.latitude::string, ''), coalesce(areas.longitude::string, ''), coalesce(areas.radius_km::string, ''),
            areas.is_own::string
        ) as cells
    from areas
),

joined as (
    select
        celled.region_code,
        {{ ordered("string_agg", "celled.cells, chr(30)", "celled.cells") }} as areas
    from celled
    group by celled.region_code
),

final as (
    select
        trim(regions.code) as region_code,
        regions.label as region_label,
        upper(trim(regions.country)) as country_code,
        upper(trim(regions.currency)) as currency_code,
        trim(regions.parent_code) as parent_code,
        joined.areas
    from regions
    left join joined
        on trim(regions.code) = joined.region_code
    qualify row_number() over (partition by trim(regions.code) order by regions.is_own desc nulls last, regions.label asc nulls last) = 1
)

select * from final
