-- In mode off nothing is released: what is public has never held an exact figure.
{{ config(
    materialized="incremental",
    full_refresh=false,
    on_schema_change="append_new_columns",
    tags=["state"],
    incremental_strategy="insert_overwrite" if target.type == "spark" else "append",
    partition_by="date_utc" if target.type == "spark" else none,
    pre_hook="{{ drop_unlogged_days(ref('release_log')) }}",
    post_hook="{{ log_release(ref('int_pulse__draft_release'), ref('release_log')) }}"
) }}

with draft as (
    select * from {{ ref("int_pulse__draft_release") }}
    where suppression_reason is null
),

released as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
),

final as (
    select
        draft.date_utc::date as date_utc,
        draft.region_code::string as region_code,
        draft.proj_type_code::string as proj_type_code,
        draft.role_count_day::bigint as role_count_day,
        draft.lead_share_pct_day::double as lead_share_pct_day,
        draft.union_share_pct_day::double as union_share_pct_day,
        draft.median_rate_day_usd::bigint as median_rate_day_usd,
        draft.sentiment_avg_day::double as sentiment_avg_day,
        draft.theme_ai_share_pct_day::double as theme_ai_share_pct_day,
        null::timestamp as reopened_at,
        draft.new_role_count::bigint as new_role_count,
        draft.priced_share_pct::double as priced_share_pct
    from draft
    where draft.date_utc not in (select released.date_utc from released)
)

select * from final
