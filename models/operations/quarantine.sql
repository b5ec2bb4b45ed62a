with events as (
    {{ events_of_products("quarantined") }}
),

final as (
    select
        events.product,
        events.subject as file_name,
        events.revision,
        events.position,
        events.reason as reject_reason,
        events.payload_hash
    from events
)

select * from final
