-- Running values after each credit: a person's state before a year is the one after the last credit of an earlier year.
with credits as (
    select * from {{ ref("int_resonance__judge_credits") }}
    where reject_reason is null
),

directors as (
    select * from credits
    where job = 'director' and bill_order = 1
),

films as (
    select * from {{ ref("int_resonance__rate_films") }}
),

budgets as (
    select * from {{ ref("int_resonance__rank_budgets") }}
),

roles as (
    select
        credits.person_id,
        credits.job,
        credits.bill_order,
        directors.person_id as director_id,
        films.*,
        budgets.budget_decile
    from credits
    inner join films
        on credits.film_id = films.film_id
    left join directors
        on films.film_id = directors.film_id
    left join budgets
        on films.film_id = budgets.film_id
),

final as (
    select
        roles.person_id::varchar as person_id,
        roles.job::varchar as job,
        roles.film_id::varchar as film_id,
        roles.film_year::integer as film_year,
        roles.film_no::bigint as film_no,
        roles.bill_order::integer as bill_order,
        roles.director_id::varchar as director_id,
        roles.packed_genres::bigint as packed_genres,
        roles.budget_decile::integer as budget_decile,
        roles.resonance_nano::bigint as resonance_nano,
        roles.revenue_nano::bigint as revenue_nano,
        roles.rating_nano::bigint as rating_nano,
        (count(*) over last_five)::bigint as last_five_count,
        (sum(roles.packed_genres) over last_five)::bigint as last_five_genres,
        (count(roles.resonance_nano) over last_three_rated)::bigint as last_three_count,
        (sum(roles.resonance_nano) over last_three_rated)::bigint as last_three_total,
        (case when roles.budget_decile is not null then median(roles.budget_decile) over last_three_budgets end)::double as median_decile
    from roles
    window
        last_five as (partition by roles.person_id, roles.job order by roles.film_no rows between 4 preceding and current row),
        last_three_rated as (
            partition by roles.person_id, roles.job, roles.resonance_nano is null
            order by roles.film_no rows between 2 preceding and current row
        ),
        last_three_budgets as (
            partition by roles.person_id, roles.job, roles.budget_decile is null
            order by roles.film_no rows between 2 preceding and current row
        )
)

select * from final
