with batches as (
    select
        chosen.batch_no,
        chosen.fingerprint as delivery_fingerprint,
        row_number() over (order by chosen.batch_no nulls last) as ordinal
    from {{ ref("int_percentiles__choose_batches") }} as chosen
),

members as (
    select
        iterations.batch_no as iteration,
        members.batch_no,
        members.delivery_fingerprint,
        iterations.ordinal - members.ordinal as age
    from batches as iterations
    inner join batches as members
        on members.ordinal between iterations.ordinal - {{ whole_number_var("percentiles_window") - 1 }} and iterations.ordinal
    where iterations.ordinal >= {{ whole_number_var("percentiles_window") }}
),

iterations as (
    select
        members.iteration,
        min(members.batch_no) as window_from,
        max(members.batch_no) as window_to,
        {{ ordered("string_agg", "members.batch_no || ':' || members.delivery_fingerprint, ','", "members.batch_no") }} as delivered,
        row_number() over (order by members.iteration desc nulls last) as recency
    from members
    group by members.iteration
),

settings as (
    select
        {{ fingerprint(
            inputs=["'windows'"],
            vars=["percentiles_window", "percentiles_method", "percentiles_score_limit"],
            seeds=[ref("stg_percentiles__industries")],
            logic=["score_history"],
        ) }} as settings_fingerprint
),

final as (
    select
        members.iteration,
        members.batch_no,
        members.age,
        members.delivery_fingerprint,
        iterations.window_from,
        iterations.window_to,
        settings.settings_fingerprint,
        {{ is_kept("iterations.recency") }} as is_kept,
        {{ fingerprint(inputs=["members.iteration", "iterations.delivered", "settings.settings_fingerprint"]) }} as fingerprint
    from members
    inner join iterations
        on members.iteration = iterations.iteration
    cross join settings
)

select * from final
