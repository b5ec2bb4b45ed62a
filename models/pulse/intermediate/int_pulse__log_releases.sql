-- Filled by int_pulse__freeze_days, in the transaction that releases the days.
{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

select
    null::date as date_utc,
    null::varchar as region_code,
    null::varchar as proj_type_code,
    null::varchar as privacy_mode,
    null::varchar as suppression_reason,
    null::varchar as mechanism,
    null::double as count_scale,
    null::double as share_scale,
    null::double as sentiment_scale,
    null::double as epsilon,
    null::boolean as is_employer_checked,
    null::bigint as row_count,
    null::varchar as key_id,
    null::timestamp as released_at,
    null::varchar as run_id
where false
