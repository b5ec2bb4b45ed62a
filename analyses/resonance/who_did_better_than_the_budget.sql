-- Whose films did better than others of their budget, of actors with at least eight such films? A mean of eight is still mostly luck.
with people as (
    select * from {{ ref("person_states") }}
)

select
    people.person_id,
    people.as_of_year,
    people.credit_count,
    people.residual_count,
    round(people.residual_mean, 2) as above_budget_peers,
    round(people.resonance_mean, 2) as mean_resonance
from people
where people.job = 'cast' and people.residual_count >= 8
qualify people.as_of_year = max(people.as_of_year) over ()
order by people.residual_mean desc, people.person_id asc
limit 5
