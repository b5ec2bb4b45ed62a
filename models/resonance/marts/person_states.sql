{{ config(materialized="view") }}

with person_states as (
    select * from {{ ref("int_resonance__person_states") }}
),

final as (
    select
        person_states.person_id,
        person_states.job,
        person_states.as_of_year,
        person_states.first_year,
        person_states.last_year,
        person_states.credit_count,
        person_states.recent_credit_count,
        person_states.resonance_count,
        person_states.resonance_mean,
        person_states.residual_count,
        person_states.residual_mean,
        person_states.revenue_count,
        person_states.revenue_mean,
        person_states.rating_count,
        person_states.rating_mean,
        person_states.last_three_count,
        person_states.last_three_mean,
        person_states.last_resonance,
        person_states.best_resonance,
        person_states.billing_mean,
        person_states.median_decile,
        person_states.last_five_count,
        person_states.last_five_genres
    from person_states
)

select * from final
