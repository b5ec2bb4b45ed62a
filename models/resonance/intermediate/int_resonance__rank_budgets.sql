with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null and budget_usd is not null
),

-- Each film is a reference of the three years after its own, and asks for its rank in its own.
entries as (
    select
        films.film_id,
        films.film_year + later.years as as_of_year,
        films.budget_usd,
        case when later.years > 0 then 1 else 0 end as reference
    from films
    cross join (values (0), (1), (2), (3)) as later (years)
),

counted as (
    select
        entries.film_id,
        entries.reference = 0 as is_asked,
        sum(entries.reference) over (partition by entries.as_of_year, entries.budget_usd) as equal_count,
        sum(entries.reference) over (partition by entries.as_of_year order by entries.budget_usd) as up_to_count,
        sum(entries.reference) over (partition by entries.as_of_year) as film_count
    from entries
),

ranked as (
    select
        counted.film_id,
        (counted.up_to_count - counted.equal_count / 2.0)::double / counted.film_count::double as budget_year_pct
    from counted
    where counted.is_asked and counted.film_count > 0
),

final as (
    select
        ranked.film_id,
        ranked.budget_year_pct,
        -- Not least(), which makes 10 of a null.
        case when ranked.budget_year_pct = 1 then 10 else floor(10 * ranked.budget_year_pct) + 1 end::integer as budget_decile
    from ranked
)

select * from final
