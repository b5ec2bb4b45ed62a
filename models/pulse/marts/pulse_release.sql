{{ config(materialized="view") }}

with frozen as (
    select * from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
),

final as (
    select
        frozen.date_utc::date as date_utc,
        frozen.region_code::string as region_code,
        frozen.proj_type_code::string as proj_type_code,
        frozen.role_count_day::bigint as role_count_day,
        frozen.lead_share_pct_day::double as lead_share_pct_day,
        frozen.union_share_pct_day::double as union_share_pct_day,
        frozen.median_rate_day_usd::bigint as median_rate_day_usd,
        frozen.sentiment_avg_day::double as sentiment_avg_day,
        frozen.theme_ai_share_pct_day::double as theme_ai_share_pct_day,
        frozen.new_role_count::bigint as new_role_count,
        frozen.priced_share_pct::double as priced_share_pct
    from frozen
)

select * from final
