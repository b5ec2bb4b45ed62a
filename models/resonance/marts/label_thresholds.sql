{% set last_fit_year = whole_number_var("resonance_train_cutoff_year") - whole_number_var("resonance_validation_years") %}

with fit_films as (
    select
        film_id,
        budget_usd,
        resonance_nano / 1e9 as resonance
    from {{ ref("int_resonance__rate_films") }}
    where film_year <= {{ last_fit_year }} and resonance_nano is not null
),

edges as (
    select quantile_cont(fit_films.budget_usd, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) as edges
    from fit_films
),

bins as (
    select
        bins.budget_bin,
        case when bins.budget_bin = 1 then 0 when bins.budget_bin > 1 then edges.edges[bins.budget_bin - 1] end as over_usd,
        case when bins.budget_bin between 1 and 9 then edges.edges[bins.budget_bin] end as up_to_usd
    from edges
    cross join range(0, 11) as bins (budget_bin)
),

final as (
    select
        'high_resonance'::varchar as label,
        0 as threshold_no,
        null::integer as budget_bin,
        null::double as over_usd,
        null::double as up_to_usd,
        quantile_cont(fit_films.resonance, 0.75)::double as threshold,
        count(fit_films.resonance) as film_count
    from fit_films
    union all
    select
        'over_budget_peer'::varchar as label,
        (bins.budget_bin + 1)::integer as threshold_no,
        bins.budget_bin::integer as budget_bin,
        bins.over_usd::double as over_usd,
        bins.up_to_usd::double as up_to_usd,
        quantile_cont(fit_films.resonance, 0.75)::double as threshold,
        count(fit_films.resonance) as film_count
    from bins
    left join fit_films
        on {{ is_in_budget_bin("fit_films.budget_usd", "bins") }}
    group by bins.budget_bin, bins.over_usd, bins.up_to_usd
)

select * from final
