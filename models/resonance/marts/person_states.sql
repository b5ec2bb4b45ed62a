with careers as (
    select * from {{ ref("int_resonance__careers") }}
),

peers as (
    {{ budget_peers(ref("year_states")) }}
),

credits as (
    select
        careers.*,
        round(1e9 * (careers.resonance_nano / 1e9 - peers.peer_resonance))::bigint as residual_nano
    from careers
    left join peers
        on
            careers.film_year = peers.as_of_year
            and coalesce(careers.budget_decile, 0) = peers.budget_decile
),

per_year as (
    select
        credits.person_id,
        credits.job,
        credits.film_year,
        count(*) as credit_count,
        count(credits.resonance_nano) as resonance_count,
        coalesce(sum(credits.resonance_nano), 0)::bigint as resonance_total,
        count(credits.residual_nano) as residual_count,
        coalesce(sum(credits.residual_nano), 0)::bigint as residual_total,
        count(credits.revenue_nano) as revenue_count,
        coalesce(sum(credits.revenue_nano), 0)::bigint as revenue_total,
        count(credits.rating_nano) as rating_count,
        coalesce(sum(credits.rating_nano), 0)::bigint as rating_total,
        sum(credits.bill_order)::bigint as billing_total,
        max(credits.resonance_nano) as best_nano,
        arg_max(credits.resonance_nano, credits.film_no) as last_nano,
        arg_max(credits.last_five_count, credits.film_no) as last_five_count,
        arg_max(credits.last_five_genres, credits.film_no) as last_five_genres,
        arg_max(credits.last_three_count, credits.film_no) filter (where credits.resonance_nano is not null) as last_three_count,
        arg_max(credits.last_three_total, credits.film_no) filter (where credits.resonance_nano is not null) as last_three_total,
        arg_max(credits.median_decile, credits.film_no) filter (where credits.median_decile is not null) as median_decile
    from credits
    group by credits.person_id, credits.job, credits.film_year
),

running as (
    select
        per_year.person_id,
        per_year.job,
        per_year.film_year,
        lead(per_year.film_year) over career as next_year,
        first_value(per_year.film_year) over career as first_year,
        (sum(per_year.credit_count) over career)::bigint as credit_count,
        (sum(per_year.billing_total) over career)::bigint as billing_total,
        (sum(per_year.resonance_count) over career)::bigint as resonance_count,
        sum(per_year.resonance_total) over career / nullif(sum(per_year.resonance_count) over career, 0) / 1e9 as resonance_mean,
        (sum(per_year.residual_count) over career)::bigint as residual_count,
        sum(per_year.residual_total) over career / nullif(sum(per_year.residual_count) over career, 0) / 1e9 as residual_mean,
        (sum(per_year.revenue_count) over career)::bigint as revenue_count,
        sum(per_year.revenue_total) over career / nullif(sum(per_year.revenue_count) over career, 0) / 1e9 as revenue_mean,
        (sum(per_year.rating_count) over career)::bigint as rating_count,
        sum(per_year.rating_total) over career / nullif(sum(per_year.rating_count) over career, 0) / 1e9 as rating_mean,
        max(per_year.best_nano) over career as best_nano,
        per_year.last_five_count,
        per_year.last_five_genres,
        last_value(per_year.last_nano ignore nulls) over career as last_nano,
        last_value(per_year.last_three_count ignore nulls) over career as last_three_count,
        last_value(per_year.last_three_total ignore nulls) over career as last_three_total,
        last_value(per_year.median_decile ignore nulls) over career as median_decile
    from per_year
    window career as (partition by per_year.person_id, per_year.job order by per_year.film_year)
),

horizon as (
    select max(credits.film_year) + 1 as last_year
    from credits
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
        every_year.resonance_count::bigint as resonance_count,
        every_year.resonance_mean::double as resonance_mean,
        every_year.residual_count::bigint as residual_count,
        every_year.residual_mean::double as residual_mean,
        every_year.revenue_count::bigint as revenue_count,
        every_year.revenue_mean::double as revenue_mean,
        every_year.rating_count::bigint as rating_count,
        every_year.rating_mean::double as rating_mean,
        coalesce(every_year.last_three_count, 0)::bigint as last_three_count,
        (every_year.last_three_total / every_year.last_three_count / 1e9)::double as last_three_mean,
        (every_year.last_nano / 1e9)::double as last_resonance,
        (every_year.best_nano / 1e9)::double as best_resonance,
        (every_year.billing_total / every_year.credit_count)::double as billing_mean,
        every_year.median_decile::double as median_decile,
        every_year.last_five_count::bigint as last_five_count,
        every_year.last_five_genres::bigint as last_five_genres
    from every_year
)

select * from final
