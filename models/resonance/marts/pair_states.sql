{{ config(materialized="view") }}

with pair_states as (
    select * from {{ ref("int_resonance__pair_states") }}
),

final as (
    select
        pair_states.person_id,
        pair_states.director_id,
        pair_states.as_of_year,
        pair_states.until_year,
        pair_states.last_year,
        pair_states.film_count,
        pair_states.rated_count,
        pair_states.resonance_mean
    from pair_states
)

select * from final
