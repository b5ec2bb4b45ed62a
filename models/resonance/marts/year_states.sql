{{ config(materialized="view") }}

with year_states as (
    select * from {{ ref("int_resonance__year_states") }}
),

final as (
    select
        year_states.as_of_year,
        year_states.kind,
        year_states.slice,
        year_states.film_count,
        year_states.resonance_mean
    from year_states
)

select * from final
