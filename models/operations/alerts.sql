with raised as (
    {%- for product in var("products") %}
    select '{{ product }}' as product, alerts.* from {{ ref("int_" ~ product ~ "__alerts") }} as alerts
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        raised.product,
        raised.kind,
        raised.subject,
        raised.message
    from raised
)

select * from final
