-- One dataset is one landing: its size does not grow by batches. The sample is none.
{{ config(materialized="view", access="protected") }}

with films as (
    select * from {{ ref("stg_resonance__films") }}
    where landed_at is not null
),

final as (
    select
        1 as batch_no,
        max(films.landed_at) as landed_at
    from films
    having count(*) > 0
)

select * from final
