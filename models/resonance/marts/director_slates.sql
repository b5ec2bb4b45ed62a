{{ config(materialized="view") }}

with answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

opened as (
    select
        answered.brief_no,
        answered.label as brief,
        unnest(answered.directors) as one
    from answered
),

final as (
    select
        opened.brief_no,
        opened.brief,
        opened.one.director_name,
        opened.one.p_base,
        opened.one.p_cal,
        opened.one.p_high,
        opened.one.low,
        opened.one.high,
        opened.one.rank,
        opened.one.person_id,
        opened.one.credit_count,
        opened.one.last_year,
        opened.one.reason
    from opened
)

select * from final
