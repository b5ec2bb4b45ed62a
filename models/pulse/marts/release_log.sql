{{ config(materialized="view") }}

with logged as (
    select * from {{ ref("int_pulse__log_releases") }}
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
        dense_rank() over (partition by logged.date_utc order by logged.reopened_at asc nulls last)::integer as revision,
        logged.reopened_at::timestamp as reopened_at
    from logged
)

select * from final
