{{ config(materialized="view") }}

with summed as (
    select * from {{ ref("int_pulse__sum_days") }}
),

final as (
    select
        summed.date_utc::date as date_utc,
        summed.region_code::string as region_code,
        summed.proj_type_code::string as proj_type_code,
        summed.role_count_day::bigint as role_count_day,
        summed.lead_share_pct_day::double as lead_share_pct_day,
        summed.union_share_pct_day::double as union_share_pct_day,
        summed.median_rate_day_usd::bigint as median_rate_day_usd,
        summed.sentiment_avg_day::double as sentiment_avg_day,
        summed.theme_ai_share_pct_day::double as theme_ai_share_pct_day,
        summed.lead_count::bigint as lead_count,
        summed.union_count::bigint as union_count,
        summed.ai_count::bigint as ai_count,
        summed.text_count::bigint as text_count,
        summed.polarity_millionths_sum::bigint as polarity_millionths_sum,
        summed.priced_count::bigint as priced_count,
        summed.distinct_role_count::bigint as distinct_role_count,
        summed.text_role_count::bigint as text_role_count,
        summed.priced_role_count::bigint as priced_role_count,
        summed.largest_project_role_count::bigint as largest_project_role_count
    from summed
)

select * from final
