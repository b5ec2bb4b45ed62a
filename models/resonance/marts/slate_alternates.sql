{{ config(materialized="view") }}

with listed as (
    select
        brief_no,
        label as brief,
        unnest(alternates) as alternate
    from {{ ref("int_resonance__recommend") }}
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
        listed.alternate.credit_limit,
        listed.alternate.p_difference,
        listed.alternate.fee_usd,
        listed.alternate.fee_difference_usd,
        listed.alternate.costar_share,
        listed.alternate.usual_billing,
        listed.alternate.last_year
    from listed
)

select * from final
