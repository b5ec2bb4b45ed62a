{{ config(materialized="view") }}

with placed as (
    select * from {{ ref("int_percentiles__place_scores") }}
),

final as (
    select
        placed.iteration::bigint as iteration,
        placed.industry::string as industry,
        placed.score::double as score,
        placed.lower_count::bigint as lower_count,
        placed.equal_count::bigint as equal_count,
        placed.window_count::bigint as window_count,
        placed.percentile::double as percentile,
        placed.fingerprint::bigint as fingerprint
    from placed
)

select * from final
