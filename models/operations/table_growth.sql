with sizes as (
    select * from {{ source("run_log", "table_size_log") }}
),

final as (
    select
        sizes.table_schema,
        sizes.table_name,
        sizes.run_id,
        sizes.measured_at,
        sizes.row_count,
        sizes.byte_count,
        sizes.row_count - lag(sizes.row_count) over by_table as added_row_count,
        sizes.byte_count - lag(sizes.byte_count) over by_table as added_byte_count,
        row_number() over (
            partition by sizes.table_schema, sizes.table_name
            order by sizes.measured_at desc nulls last, sizes.run_id desc nulls last
        ) = 1 as is_latest
    from sizes
    window by_table as (
        partition by sizes.table_schema, sizes.table_name
        order by sizes.measured_at nulls last, sizes.run_id nulls last
    )
)

select * from final
