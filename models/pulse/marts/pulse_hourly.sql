{{ config(materialized="view") }}

with classified as (
    select * from {{ ref("int_pulse__classify_rows") }}
),

scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
),

sums as (
    select
        date_trunc('hour', classified.posted_at) as hour_at,
        classified.region_code,
        classified.proj_type_code,
        {{ sums_of_rows() }}
    from classified
    left join scores
        on classified.text_hash = scores.text_hash
    group by 1, 2, 3
),

measured as (
    select
        sums.hour_at,
        sums.region_code,
        sums.proj_type_code,
        {{ exact_measures("sums") }}
    from sums
),

final as (
    select
        measured.hour_at::timestamp as hour_at,
        measured.region_code::string as region_code,
        measured.proj_type_code::string as proj_type_code,
        measured.role_count_day as role_count,
        measured.lead_share_pct_day as lead_share_pct,
        measured.union_share_pct_day as union_share_pct,
        measured.median_rate_day_usd,
        measured.sentiment_avg_day as sentiment_avg,
        measured.theme_ai_share_pct_day as theme_ai_share_pct
    from measured
)

select * from final
