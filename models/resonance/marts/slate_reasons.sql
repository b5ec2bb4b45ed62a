{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

opened as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.reasons) as one
    from answered
),

final as (
    select
        opened.brief_no,
        opened.brief,
        opened.one.role,
        opened.one.rank,
        opened.one.person_id,
        opened.one.actor_name,
        opened.one.position,
        opened.one.feature,
        opened.one.about,
        opened.one.delta,
        opened.one.value,
        opened.one.usual,
        opened.one.sentence
    from opened
)

select * from final
