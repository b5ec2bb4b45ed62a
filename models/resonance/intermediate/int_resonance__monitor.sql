{{ config(materialized="view") }}

with history as (
    select * from {{ ref("int_resonance__metric_history") }}
    where position = 0
),

runs as (
    select
        model_run_id,
        row_number() over (order by trained_at nulls last, model_run_id) as run_no
    from history
    group by model_run_id, trained_at
),

numbered as (
    select
        history.*,
        runs.run_no
    from history
    inner join runs
        on history.model_run_id = runs.model_run_id
),

years as (
    select
        model_run_id,
        label,
        arg_max(value, slice) as last_value,
        arg_max(high, slice) as last_high,
        (sum(value) - arg_max(value, slice)) / nullif(count(value) - 1, 0) as earlier_mean
    from numbered
    where split = 'holdout' and model = 'actor_head_platt' and metric = 'pr_auc' and slice like 'year=%'
    group by model_run_id, label
),

checks as (
    select
        model_run_id, label, 'worse_than_chance' as check_name, model as subject, value, null::double as reference_value, 0.5 as limit_value,
        value < 0.5 as has_alarm
    from numbered
    where split = 'holdout' and slice = 'all' and metric = 'auroc' and model in ('actor_head', 'director_head')
    union all
    select
        numbered.model_run_id, numbered.label, 'calibration_drift' as check_name, numbered.model as subject, numbered.value,
        before.value as reference_value, {{ number_var("resonance_ece_drift_limit") }} as limit_value,
        numbered.value - before.value > {{ number_var("resonance_ece_drift_limit") }} as has_alarm
    from numbered
    left join numbered as before
        on
            numbered.run_no = before.run_no + 1
            and numbered.label = before.label
            and numbered.split = before.split
            and numbered.slice = before.slice
            and numbered.model = before.model
            and numbered.metric = before.metric
    where numbered.split = 'holdout' and numbered.slice = 'all' and numbered.model = 'actor_head_platt' and numbered.metric = 'ece'
    union all
    select
        numbered.model_run_id, numbered.label, 'threshold_moved' as check_name, numbered.slice as subject, numbered.value,
        before.value as reference_value, {{ number_var("resonance_threshold_drift_limit") }} as limit_value,
        abs(numbered.value - before.value) > {{ number_var("resonance_threshold_drift_limit") }} as has_alarm
    from numbered
    left join numbered as before
        on
            numbered.run_no = before.run_no + 1
            and numbered.label = before.label
            and numbered.slice = before.slice
            and numbered.metric = before.metric
    where numbered.metric = 'threshold'
    union all
    select
        model_run_id, label, 'last_year_weaker' as check_name, 'pr_auc' as subject, last_value as value,
        earlier_mean as reference_value, last_high as limit_value, last_high < earlier_mean as has_alarm
    from years
),

final as (
    select
        checks.model_run_id,
        runs.run_no,
        runs.run_no = max(runs.run_no) over () as is_newest,
        checks.label,
        checks.check_name,
        checks.subject,
        checks.value,
        checks.reference_value,
        checks.limit_value,
        coalesce(checks.has_alarm, false) as has_alarm
    from checks
    inner join runs
        on checks.model_run_id = runs.model_run_id
)

select * from final
