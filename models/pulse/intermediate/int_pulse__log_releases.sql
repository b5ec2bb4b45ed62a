-- Filled by int_pulse__freeze_days, in the transaction that releases the days.
{{ config(materialized="incremental", incremental_strategy="append", full_refresh=false, tags=["state"]) }}

select
    null::date as date_utc,
    null::string as region_code,
    null::string as proj_type_code,
    null::string as privacy_mode,
    null::string as suppression_reason,
    null::string as mechanism,
    null::double as count_scale,
    null::double as share_scale,
    null::double as sentiment_scale,
    null::double as epsilon,
    null::boolean as is_employer_checked,
    null::bigint as row_count,
    null::string as key_id,
    null::timestamp as released_at,
    null::string as run_id
where false
