with quarantined as (
    {{ union_products("quarantined") }}
),

final as (
    select
        quarantined.product,
        quarantined.file_name,
        quarantined.revision::integer as revision,
        quarantined.position::integer as position,
        quarantined.reject_reason,
        quarantined.payload_hash
    from quarantined
)

select * from final
