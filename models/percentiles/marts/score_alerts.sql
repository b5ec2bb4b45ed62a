{{ config(materialized="view") }}

with judged as (
    select * from {{ ref("int_percentiles__judge_drift") }}
    where alert_kind is not null
),

final as (
    select
        judged.industry::string as industry,
        judged.batch_no::bigint as iteration,
        judged.alert_kind::string as kind,
        judged.level::string as level,
        judged.previous_level::string as previous_level,
        judged.z::double as z,
        judged.cohens_d::double as cohens_d,
        judged.message::string as message
    from judged
)

select * from final
