{{ config(materialized="view") }}

with listed as (
    select
        brief_no,
        label as brief,
        unnest(directors) as director
    from {{ ref("int_resonance__recommend") }}
),

final as (
    select
        listed.brief_no,
        listed.brief,
        listed.director.director_name,
        listed.director.p_base,
        listed.director.p_cal,
        listed.director.p_high,
        listed.director.low,
        listed.director.high,
        listed.director.rank,
        listed.director.person_id,
        listed.director.credit_count,
        listed.director.last_year,
        listed.director.reason
    from listed
)

select * from final
