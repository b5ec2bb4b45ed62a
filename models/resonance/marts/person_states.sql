with roles as (
    select * from {{ ref("int_resonance__roles") }}
),

horizon as (
    select max(film_year) + 1 as last_year from {{ ref("int_resonance__films") }}
),

per_year as (
    select
        roles.person_id,
        roles.job,
        roles.film_year,
        count(*) as credit_count,
        count(roles.resonance_nano) as rated_count,
        coalesce(sum(roles.resonance_nano), 0)::bigint as resonance_total,
        coalesce(sum(roles.residual_nano), 0)::bigint as residual_total,
        count(roles.residual_nano) as residual_count,
        sum(roles.bill_order)::bigint as billing_total,
        arg_max(roles.last_five_count, roles.film_no) as last_five_count,
        arg_max(roles.last_five_genres, roles.film_no) as last_five_genres,
        arg_max(roles.last_three_count, roles.film_no) filter (where roles.resonance_nano is not null) as last_three_count,
        arg_max(roles.last_three_total, roles.film_no) filter (where roles.resonance_nano is not null) as last_three_total,
        arg_max(roles.median_decile, roles.film_no) filter (where roles.median_decile is not null) as median_decile
    from roles
    group by roles.person_id, roles.job, roles.film_year
),

running as (
    select
        per_year.person_id,
        per_year.job,
        per_year.film_year,
        lead(per_year.film_year) over career as next_year,
        first_value(per_year.film_year) over career as first_year,
        sum(per_year.credit_count) over career::bigint as credit_count,
        sum(per_year.rated_count) over career::bigint as rated_count,
        sum(per_year.resonance_total) over career::bigint as resonance_total,
        sum(per_year.residual_count) over career::bigint as residual_count,
        sum(per_year.residual_total) over career::bigint as residual_total,
        sum(per_year.billing_total) over career::bigint as billing_total,
        per_year.last_five_count,
        per_year.last_five_genres,
        last_value(per_year.last_three_count ignore nulls) over career as last_three_count,
        last_value(per_year.last_three_total ignore nulls) over career as last_three_total,
        last_value(per_year.median_decile ignore nulls) over career as median_decile
    from per_year
    window career as (partition by per_year.person_id, per_year.job order by per_year.film_year)
),

every_year as (
    select
        running.*,
        unnest(range(running.film_year + 1, coalesce(running.next_year, horizon.last_year) + 1)) as as_of_year
    from running
    cross join horizon
),

final as (
    select
        every_year.person_id::varchar as person_id,
        every_year.job::varchar as job,
        every_year.as_of_year::integer as as_of_year,
        every_year.first_year::integer as first_year,
        every_year.film_year::integer as last_year,
        every_year.credit_count::bigint as credit_count,
        (every_year.credit_count - coalesce(lag(every_year.credit_count, 3) over (
            partition by every_year.person_id, every_year.job order by every_year.as_of_year
        ), 0))::bigint as recent_credit_count,
        every_year.rated_count::bigint as rated_count,
        (every_year.resonance_total / nullif(every_year.rated_count, 0) / 1e9)::double as resonance_mean,
        coalesce(every_year.last_three_count, 0)::bigint as last_three_count,
        (every_year.last_three_total / every_year.last_three_count / 1e9)::double as last_three_mean,
        every_year.residual_count::bigint as residual_count,
        (every_year.residual_total / nullif(every_year.residual_count, 0) / 1e9)::double as residual_mean,
        (every_year.billing_total / every_year.credit_count)::double as billing_mean,
        every_year.median_decile::double as median_decile,
        every_year.last_five_count::bigint as last_five_count,
        every_year.last_five_genres::bigint as last_five_genres
    from every_year
)

select * from final
