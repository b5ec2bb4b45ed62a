{{ config(materialized="view") }}

with frozen as (
    select * from {{ ref("int_pulse__freeze_weeks") }}
    where reopened_at is null and suppression_reason is null
),

final as (
    select
        frozen.week_on::date as week_on,
        frozen.cell_level::string as cell_level,
        frozen.region_code::string as region_code,
        frozen.proj_type_code::string as proj_type_code,
        frozen.role_count_day::bigint as row_count,
        frozen.lead_share_pct_day::double as lead_share_pct,
        frozen.union_share_pct_day::double as union_share_pct,
        frozen.median_rate_day_usd::bigint as median_rate_day_usd,
        frozen.sentiment_avg_day::double as sentiment_avg,
        frozen.theme_ai_share_pct_day::double as theme_ai_share_pct,
        frozen.new_role_count::bigint as new_role_count,
        frozen.priced_share_pct::double as priced_share_pct
    from frozen
)

select * from final
