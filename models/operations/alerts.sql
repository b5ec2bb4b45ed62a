with raised as (
    {{ union_products("alerts") }}
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
