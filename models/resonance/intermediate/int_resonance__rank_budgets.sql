with films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null and budget_usd is not null
),

-- Each film is a reference of the three years after its own, and asks for its rank in its own.
entries as (
    select
        films.film_year + later.years as as_of_year,
        films.budget_usd,
        case when later.years > 0 then 1 else 0 end as reference
    from films
    cross join (values (0), (1), (2), (3)) as later (years)
),

counted as (
    select
        entries.as_of_year,
        entries.budget_usd,
        sum(entries.reference)::bigint as equal_count,
        bool_or(entries.reference = 0) as is_asked
    from entries
    group by entries.as_of_year, entries.budget_usd
),

placed as (
    select
        counted.as_of_year,
        counted.budget_usd,
        counted.equal_count,
        counted.is_asked,
        sum(counted.equal_count) over (partition by counted.as_of_year order by counted.budget_usd) as up_to_count,
        sum(counted.equal_count) over (partition by counted.as_of_year) as film_count
    from counted
),

final as (
    select
        placed.as_of_year,
        placed.budget_usd,
        (placed.up_to_count - placed.equal_count / 2.0)::double / placed.film_count::double as budget_year_pct
    from placed
    where placed.is_asked and placed.film_count > 0
)

select * from final
