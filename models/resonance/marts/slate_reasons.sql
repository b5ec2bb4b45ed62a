{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

listed as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.reasons) as reason_code
    from answered
),

final as (
    select
        listed.brief_no,
        listed.brief,
        listed.reason_code.role,
        listed.reason_code.rank,
        listed.reason_code.person_id,
        listed.reason_code.actor_name,
        listed.reason_code.position,
        listed.reason_code.feature,
        listed.reason_code.about,
        listed.reason_code.delta,
        listed.reason_code.value,
        listed.reason_code.usual,
        listed.reason_code.sentence
    from listed
)

select * from final
