with sizes as (
    select * from {{ source("run_log", "table_size_log") }}
),

landings as (
    {{ events_of_products("landing") }}
),

final as (
    select
        sizes.product,
        sizes.table_schema,
        sizes.table_name,
        sizes.run_id,
        sizes.measured_at,
        sizes.row_count,
        sizes.byte_count,
        count(landings.batch_no) as batch_count,
        sizes.index_byte_count,
        sizes.dead_row_count
    from sizes
    left join landings
        on
            sizes.product = landings.product
            and sizes.measured_at >= landings.landed_at
    group by all
)

select * from final
