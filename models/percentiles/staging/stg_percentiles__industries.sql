with industries as (
    select * from {{ configured_seed("industries", ["industry"]) }} as listed
),

-- Of two spellings of one industry the home's own counts.
final as (
    select coalesce(max(case when industries.is_own then trim(industries.industry) end), max(trim(industries.industry))) as industry
    from industries
    group by lower(trim(industries.industry))
)

select * from final
