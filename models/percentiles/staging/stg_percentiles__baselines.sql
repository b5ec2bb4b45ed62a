with baselines as (
    select * from {{ ref("score_baselines") }}
),

final as (
    select
        trim(baselines.industry) as industry,
        baselines.from_batch,
        baselines.to_batch,
        baselines.reason
    from baselines
)

select * from final
