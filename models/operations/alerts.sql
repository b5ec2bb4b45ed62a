with events as (
    {{ events_of_products("alert") }}
),

final as (
    select
        events.product,
        events.reason as kind,
        events.subject,
        events.message,
        events.batch_no
    from events
)

select * from final
