{{ config(materialized="view", access="protected") }}

with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is not null
),

credits as (
    select * from {{ ref("int_resonance__judge_credits") }}
    where reject_reason is not null
),

briefs as (
    select * from {{ ref("int_resonance__judge_briefs") }}
    where reject_reason is not null
),

final as (
    select
        films.file_name,
        1 as revision,
        films.position::integer as position,
        films.reject_reason,
        films.payload_hash
    from films
    union all
    select
        credits.file_name,
        1 as revision,
        credits.position::integer as position,
        credits.reject_reason,
        sha256(concat_ws('|', credits.film_id, credits.person_id, credits.job)) as payload_hash
    from credits
    union all
    select
        'briefs.csv' as file_name,
        1 as revision,
        briefs.brief_no::integer as position,
        briefs.reject_reason,
        briefs.payload_hash
    from briefs
)

select * from final
