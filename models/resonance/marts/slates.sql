{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

opened as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.slate) as one
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
        opened.one.low,
        opened.one.high,
        opened.one.role,
        opened.one.bill_order,
        opened.one.rank,
        opened.one.person_id,
        opened.one.credit_count,
        opened.one.last_year,
        opened.one.proposed_by,
        opened.one.cycle_shift,
        opened.one.synergy_shift,
        opened.one.bfd_penalty,
        opened.one.cadence_penalty,
        opened.one.history_penalty,
        opened.one.fee_usd,
        opened.one.reason
    from opened
)

select * from final
