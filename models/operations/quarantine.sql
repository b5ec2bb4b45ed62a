with quarantined as (
    {%- for product in var("products") %}
    select '{{ product }}' as product, rejected.* from {{ ref("int_" ~ product ~ "__quarantined") }} as rejected
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        quarantined.product,
        quarantined.file_name,
        quarantined.revision,
        quarantined.position,
        quarantined.reject_reason,
        quarantined.payload_hash
    from quarantined
)

select * from final
