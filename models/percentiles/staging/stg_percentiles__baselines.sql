with baselines as (
    select * from {{ configured_seed("score_baselines", ["industry", "from_batch", "to_batch", "reason"]) }} as listed
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
