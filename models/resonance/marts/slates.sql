{{ config(materialized="view") }}

with listed as (
    select
        brief_no,
        label as brief,
        unnest(slate) as actor
    from {{ ref("int_resonance__recommend") }}
),

final as (
    select
        listed.brief_no,
        listed.brief,
        listed.actor.actor_name,
        listed.actor.p_base,
        listed.actor.p_cal,
        listed.actor.p_high,
        listed.actor.low,
        listed.actor.high,
        listed.actor.role,
        listed.actor.bill_order,
        listed.actor.rank,
        listed.actor.person_id,
        listed.actor.credit_count,
        listed.actor.last_year,
        listed.actor.proposed_by,
        listed.actor.cycle_shift,
        listed.actor.synergy_shift,
        listed.actor.bfd_penalty,
        listed.actor.cadence_penalty,
        listed.actor.history_penalty,
        listed.actor.fee_usd,
        listed.actor.reason,
        listed.actor.plausibility,
        listed.actor.actor_shift
    from listed
)

select * from final
