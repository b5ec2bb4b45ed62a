{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

listed as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.alternates) as alternate
    from answered
),

final as (
    select
        listed.brief_no,
        listed.brief,
        listed.alternate.actor_name,
        listed.alternate.p_base,
        listed.alternate.p_cal,
        listed.alternate.p_high,
        listed.alternate.role,
        listed.alternate.lead_name,
        listed.alternate.lead_id,
        listed.alternate.lead_rank,
        listed.alternate.rank,
        listed.alternate.person_id,
        listed.alternate.distance,
        listed.alternate.credit_count,
        listed.alternate.credit_limit
    from listed
)

select * from final
