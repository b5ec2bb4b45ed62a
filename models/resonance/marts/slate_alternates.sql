{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

opened as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.alternates) as one
    from answered
),

final as (
    select
        opened.brief_no,
        opened.brief,
        opened.one.actor_name,
        opened.one.p_base,
        opened.one.p_cal,
        opened.one.p_high,
        opened.one.role,
        opened.one.lead_name,
        opened.one.lead_id,
        opened.one.lead_rank,
        opened.one.rank,
        opened.one.person_id,
        opened.one.distance,
        opened.one.credit_count,
        opened.one.credit_limit
    from opened
)

select * from final
