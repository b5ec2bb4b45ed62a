{{ config(materialized="view") }}

with casts as (
    select * from {{ ref("int_resonance__casts") }}
),

final as (
    select
        casts.film_id,
        casts.job,
        casts.person_id,
        casts.person_name,
        casts.bill_order
    from casts
)

select * from final
