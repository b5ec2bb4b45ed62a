{{ config(materialized="view") }}

with listed as (
    select
        brief_no,
        label as brief,
        unnest(reasons) as reason_code
    from {{ ref("int_resonance__recommend") }}
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
