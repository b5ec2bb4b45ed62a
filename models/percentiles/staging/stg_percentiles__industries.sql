with industries as (
    select * from {{ ref("industries") }}
),

final as (
    select trim(industries.industry) as industry from industries
)

select * from final
