with industries as (
    select * from {{ configured_seed("industries", ["industry"]) }} as listed
),

final as (
    select trim(industries.industry) as industry from industries
)

select * from final
