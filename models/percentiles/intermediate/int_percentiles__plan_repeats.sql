with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
    where is_in_force
),

summed as (
    select
        deliveries.batch_no,
        sum(cast(deliveries.fingerprint as decimal(38, 0))) over (
            order by deliveries.batch_no nulls last
            rows between unbounded preceding and current row
        ) as history_sum
    from deliveries
),

final as (
    select
        summed.batch_no,
        {{ fingerprint(inputs=["summed.batch_no", "summed.history_sum"], version=1) }} as fingerprint
    from summed
)

select * from final
