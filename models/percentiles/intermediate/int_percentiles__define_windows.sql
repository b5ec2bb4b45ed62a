-- A batch without a valid asset holds nothing to compare with: it counts nowhere, and `[]` withdraws a batch.
{{ config(
    pre_hook="{{ note_chosen_batches() }}",
    post_hook="{{ refuse_to_take_away(ref('int_percentiles__judge_deliveries'), ref('int_percentiles__judge_records')) }}"
) }}

with deliveries as (
    select * from {{ ref("int_percentiles__judge_deliveries") }}
    where is_in_force
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

filled as (
    select distinct records.fingerprint from records
),

batches as (
    select
        deliveries.batch_no,
        deliveries.fingerprint,
        row_number() over (order by deliveries.batch_no nulls last) as ordinal,
        sum(cast(deliveries.fingerprint as decimal(38, 0))) over (
            order by deliveries.batch_no nulls last
            rows between unbounded preceding and current row
        ) as history_sum
    from deliveries
    inner join filled
        on deliveries.fingerprint = filled.fingerprint
),

members as (
    select
        iterations.batch_no as iteration,
        members.batch_no,
        iterations.ordinal - members.ordinal as age,
        members.fingerprint as delivery_fingerprint,
        iterations.history_sum,
        iterations.ordinal >= {{ whole_number_var("percentiles_window") }} as is_complete
    from batches as iterations
    inner join batches as members
        on members.ordinal between iterations.ordinal - {{ whole_number_var("percentiles_window") - 1 }} and iterations.ordinal
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
        members.is_complete,
        members.is_complete
        {%- if var("percentiles_keep_iterations") is not none %}
            and iterations.recency <= {{ whole_number_var("percentiles_keep_iterations") }}
        {%- endif %} as is_kept,
        {{ fingerprint(
            inputs=["members.iteration", "members.history_sum"],
            logic=["int_percentiles__find_repeats"],
        ) }} as history_fingerprint,
        {{ fingerprint(inputs=["members.iteration", "iterations.delivered", "settings.settings_fingerprint"]) }} as fingerprint
    from members
    inner join iterations
        on members.iteration = iterations.iteration
    cross join settings
)

select * from final
