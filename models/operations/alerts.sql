with events as (
    {{ events_of_products("alert") }}
),

final as (
    select
        events.product,
        events.reason as kind,
        events.subject,
        events.message
    from events
)

select * from final
