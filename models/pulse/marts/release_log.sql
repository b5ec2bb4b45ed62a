-- Filled by int_pulse__freeze_days, in the transaction that releases the days; `build_pulse.py --reopen` sets reopened_at in both.
-- A database of an earlier callsheet kept the log in int_pulse__log_releases: its rows are carried over when this table is made.
{% set is_new = execute and not is_incremental() %}
{% set earlier = adapter.get_relation(this.database, "intermediate", "int_pulse__log_releases") if is_new else none %}
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    full_refresh=false,
    on_schema_change="append_new_columns",
    tags=["state"]
) }}

with logged as (
    {%- if earlier is not none %}
    select
        *,
        dense_rank() over (partition by date_utc order by reopened_at asc nulls last) as revision
    from {{ earlier }}
    {%- else %}
    select
        {%- for column in [
            "date_utc", "region_code", "proj_type_code", "privacy_mode", "suppression_reason", "mechanism", "count_scale", "share_scale",
            "sentiment_scale", "epsilon", "is_employer_checked", "row_count", "key_id", "released_at", "run_id", "revision", "reopened_at",
        ] %}
        null as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    {%- endif %}
    where {{ "true" if earlier is not none else "false" }}
),

final as (
    select
        logged.date_utc::date as date_utc,
        logged.region_code::string as region_code,
        logged.proj_type_code::string as proj_type_code,
        logged.privacy_mode::string as privacy_mode,
        logged.suppression_reason::string as suppression_reason,
        logged.mechanism::string as mechanism,
        logged.count_scale::double as count_scale,
        logged.share_scale::double as share_scale,
        logged.sentiment_scale::double as sentiment_scale,
        logged.epsilon::double as epsilon,
        logged.is_employer_checked::boolean as is_employer_checked,
        logged.row_count::bigint as row_count,
        logged.key_id::string as key_id,
        logged.released_at::timestamp as released_at,
        logged.run_id::string as run_id,
        logged.revision::integer as revision,
        logged.reopened_at::timestamp as reopened_at
    from logged
)

select * from final
