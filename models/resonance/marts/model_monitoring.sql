{{ config(materialized="view") }}

with metrics as (
    select * from {{ ref("model_metrics") }}
),

runs as (
    select
        model_run_id,
        row_number() over (order by run_no) as run_no
    from {{ ref("model_artefacts") }}
    where model_run_id in (select metrics.model_run_id from metrics)
    group by model_run_id, run_no
),

numbered as (
    select
        metrics.*,
        runs.run_no
    from metrics
    inner join runs
        on metrics.model_run_id = runs.model_run_id
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

chances as (
    select
        numbered.model_run_id,
        numbered.label,
        'worse_than_chance' as check_name,
        numbered.model as subject,
        numbered.value,
        null::double as reference_value,
        0.5 as limit_value,
        numbered.value < 0.5 as has_alarm
    from numbered
    where
        numbered.split = 'holdout'
        and numbered.slice = 'all'
        and numbered.metric = 'auroc'
        and numbered.model in ('actor_head', 'director_head')
),

moves as (
    select
        numbered.model_run_id,
        numbered.label,
        case numbered.metric when 'ece' then 'calibration_drift' else 'threshold_moved' end as check_name,
        case numbered.metric when 'ece' then numbered.model else numbered.slice end as subject,
        numbered.value,
        previous.value as reference_value,
        case numbered.metric
            when 'ece' then {{ number_var("resonance_ece_drift_limit") }}
            else {{ number_var("resonance_threshold_drift_limit") }}
        end as limit_value,
        -- A calibration that became better is no alarm; a bar that moved is one either way.
        case numbered.metric
            when 'ece' then numbered.value - previous.value
            else abs(numbered.value - previous.value)
        end > limit_value as has_alarm
    from numbered
    left join numbered as previous
        on
            numbered.run_no = previous.run_no + 1
            and numbered.label = previous.label
            and numbered.split = previous.split
            and numbered.slice = previous.slice
            and numbered.model = previous.model
            and numbered.metric = previous.metric
    where
        numbered.metric = 'threshold'
        or (numbered.metric = 'ece' and numbered.split = 'holdout' and numbered.slice = 'all' and numbered.model = 'actor_head_platt')
),

checks as (
    select * from chances
    union all
    select * from moves
    union all
    select
        years.model_run_id,
        years.label,
        'last_year_weaker' as check_name,
        'pr_auc' as subject,
        years.last_value as value,
        years.earlier_mean as reference_value,
        years.last_high as limit_value,
        years.last_high < years.earlier_mean as has_alarm
    from years
),

final as (
    select
        checks.model_run_id::varchar as model_run_id,
        runs.run_no::bigint as run_no,
        (runs.run_no = max(runs.run_no) over ())::boolean as is_newest,
        checks.label::varchar as label,
        checks.check_name::varchar as check_name,
        checks.subject::varchar as subject,
        checks.value::double as value,
        checks.reference_value::double as reference_value,
        checks.limit_value::double as limit_value,
        coalesce(checks.has_alarm, false)::boolean as has_alarm
    from checks
    inner join runs
        on checks.model_run_id = runs.model_run_id
)

select * from final
