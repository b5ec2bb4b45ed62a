with batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

summed as (
    select
        batches.batch_no,
        sum(cast(batches.fingerprint as decimal(38, 0))) over (
            order by batches.batch_no nulls last
            rows between unbounded preceding and current row
        ) as history_sum
    from batches
),

final as (
    select
        summed.batch_no,
        {{ fingerprint(inputs=["summed.batch_no", "summed.history_sum"], logic=["int_percentiles__find_repeats"]) }} as fingerprint
    from summed
)

select * from final
