with credits as (
    select * from {{ ref("int_resonance__careers") }}
),

per_year as (
    select
        credits.person_id,
        credits.job,
        credits.film_year,
        count(*) as credit_count,
        {%- for value in ["resonance", "residual", "revenue", "rating"] %}
        count(credits.{{ value }}_nano) as {{ value }}_count,
        coalesce(sum(credits.{{ value }}_nano), 0)::bigint as {{ value }}_total,
        {%- endfor %}
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
        {%- for total in ["credit_count", "billing_total"] %}
        sum(per_year.{{ total }}) over career::bigint as {{ total }},
        {%- endfor %}
        {%- for value in ["resonance", "residual", "revenue", "rating"] %}
        sum(per_year.{{ value }}_count) over career::bigint as {{ value }}_count,
        sum(per_year.{{ value }}_total) over career / nullif(sum(per_year.{{ value }}_count) over career, 0) / 1e9 as {{ value }}_mean,
        {%- endfor %}
        max(per_year.best_nano) over career as best_nano,
        per_year.last_five_count,
        per_year.last_five_genres,
        {%- for value in ["last_nano", "last_three_count", "last_three_total", "median_decile"] %}
        last_value(per_year.{{ value }} ignore nulls) over career as {{ value }}{{ "," if not loop.last }}
        {%- endfor %}
    from per_year
    window career as (partition by per_year.person_id, per_year.job order by per_year.film_year)
),

every_year as (
    select
        running.*,
        unnest(range(running.film_year + 1, coalesce(running.next_year, (select max(film_year) + 1 from credits)) + 1)) as as_of_year
    from running
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
        {%- for value in ["resonance", "residual", "revenue", "rating"] %}
        every_year.{{ value }}_count::bigint as {{ value }}_count,
        every_year.{{ value }}_mean::double as {{ value }}_mean,
        {%- endfor %}
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
