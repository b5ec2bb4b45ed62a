-- Filled by int_pulse__freeze_days, in the transaction that releases the days; `build_pulse.py --reopen` sets reopened_at in both.
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    full_refresh=false,
    on_schema_change="append_new_columns",
    tags=["state"],
    post_hook="{{ 'update ' ~ this ~ ' set revision = 1 where revision is null' if target.type == 'duckdb' }}"
) }}

-- The first edition released each day once and did not number its releases.
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
    null::string as run_id,
    null::integer as revision,
    null::timestamp as reopened_at
where false
