{{ config(materialized="view") }}

with judged as (
    select * from {{ ref("int_resonance__judge_briefs") }}
),

answered as (
    select * from {{ ref("int_resonance__recommend") }}
),

final as (
    select
        judged.brief_no,
        judged.label as brief,
        judged.brief as brief_json,
        answered.slate is not null as is_answered,
        coalesce(judged.problem, answered.problem) as problem,
        answered.model_run_id,
        len(answered.slate)::bigint as actor_count,
        answered.left_out,
        answered.notes,
        answered.forecast_p,
        answered.forecast_low,
        answered.forecast_high,
        answered.revenue_low_usd,
        answered.revenue_high_usd,
        answered.comparables,
        answered.warning
    from judged
    left join answered
        on judged.brief_no = answered.brief_no
)

select * from final
