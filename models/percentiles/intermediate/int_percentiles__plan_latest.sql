with batches as (
    select * from {{ ref("int_percentiles__choose_batches") }}
),

windows as (
    select * from {{ ref("int_percentiles__define_windows") }}
),

repeats as (
    select * from {{ ref("int_percentiles__find_repeats") }}
    where asset_id is not null
),

last_windows as (
    select
        windows.batch_no,
        windows.iteration,
        windows.fingerprint as window_fingerprint,
        row_number() over (partition by windows.batch_no order by windows.iteration desc nulls last) as recency
    from windows
),

replaced as (
    select
        repeats.earlier_batch_no as batch_no,
        sum(cast({{ fingerprint(inputs=["repeats.asset_id"]) }} as decimal(38, 0))) as assets_sum
    from repeats
    group by repeats.earlier_batch_no
),

final as (
    select
        batches.batch_no,
        batches.fingerprint as delivery_fingerprint,
        last_windows.iteration,
        {{ fingerprint(inputs=[
            "batches.fingerprint", "last_windows.window_fingerprint", "replaced.assets_sum"
        ], logic=["latest_scores"]) }} as fingerprint
    from batches
    left join last_windows
        on
            batches.batch_no = last_windows.batch_no
            and last_windows.recency = 1
    left join replaced
        on batches.batch_no = replaced.batch_no
)

select * from final
