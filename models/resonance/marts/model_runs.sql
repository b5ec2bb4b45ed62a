-- The last model of a run: once its row is here, the run is finished and is not made again.
-- depends_on: {{ ref("model_curves") }}
{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

with planned as (
    select * from {{ ref("int_resonance__plan_runs") }}
    where is_new
),

artefacts as (
    select
        model_run_id,
        count(*) as artefact_count
    from {{ ref("model_artefacts") }}
    group by model_run_id
),

metrics as (
    select
        model_run_id,
        count(*) as metric_count
    from {{ ref("model_metrics") }}
    group by model_run_id
),

final as (
    select
        planned.model_run_id::varchar as model_run_id,
        {{ run_started_timestamp() }}::timestamp as trained_at,
        '{{ invocation_id }}'::varchar as run_id,
        (planned.manifest::json -> 'vars' ->> 'resonance_train_cutoff_year')::bigint as train_cutoff_year,
        planned.fit_count::bigint as fit_count,
        planned.validation_count::bigint as validation_count,
        planned.holdout_count::bigint as holdout_count,
        coalesce(artefacts.artefact_count, 0)::bigint as artefact_count,
        coalesce(metrics.metric_count, 0)::bigint as metric_count,
        planned.manifest::varchar as manifest
    from planned
    left join artefacts
        on planned.model_run_id = artefacts.model_run_id
    left join metrics
        on planned.model_run_id = metrics.model_run_id
)

select * from final
