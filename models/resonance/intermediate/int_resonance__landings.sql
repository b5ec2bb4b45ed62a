-- One dataset is one landing: its size does not grow by batches.
{{ config(materialized="table", access="protected") }}

with imports as (
    {{ imported_files() }}
),

final as (
    select
        1 as batch_no,
        max(imports.imported_at) as landed_at
    from imports
    having count(*) > 0
)

select * from final
