{{ config(materialized="view") }}

with credits as (
    select * from {{ ref("int_resonance__judge_credits") }}
    where reject_reason is null
),

final as (
    select
        credits.film_id,
        credits.job,
        credits.person_id,
        credits.person_name,
        credits.bill_order
    from credits
)

select * from final
