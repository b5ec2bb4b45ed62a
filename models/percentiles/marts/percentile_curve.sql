{{ config(materialized="view") }}

with counted as (
    select * from {{ ref("int_percentiles__count_scores") }}
),

final as (
    select
        counted.iteration::bigint as iteration,
        counted.industry::varchar as industry,
        counted.score::double as score,
        counted.lower_count::bigint as lower_count,
        counted.equal_count::bigint as equal_count,
        counted.window_count::bigint as window_count,
        counted.fingerprint::bigint as fingerprint
    from counted
)

select * from final
