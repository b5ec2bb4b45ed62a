-- The run that the data and the vars of today ask for. Its id is the hash of its manifest: the same inputs are the same run.

with contract as (
    select
        string_agg(distinct contract_hash, ',' order by contract_hash) as contract_hash,
        list(feature order by position) filter (where head = 'actor') as actor_features,
        list(feature order by position) filter (where head = 'director') as director_features
    from {{ ref("int_resonance__feature_contract") }}
),

counted as (
    select
        count(*) filter (where split = 'fit') as fit_count,
        count(*) filter (where split = 'validation') as validation_count,
        count(*) filter (where split = 'holdout') as holdout_count
    from {{ ref("int_resonance__features") }}
    where high_resonance is not null
),

manifests as (
    select
        counted.fit_count,
        counted.validation_count,
        counted.holdout_count,
        contract.actor_features,
        contract.director_features,
        json_object(
            'vars', {{ text_literal(model_run_settings()) }}::json,
            'inputs', json_object(
                'actor_features', {{ row_sum(ref("int_resonance__features")) }},
                'director_features', {{ row_sum(ref("int_resonance__director_features")) }},
                'label_thresholds', {{ row_sum(ref("int_resonance__label_thresholds")) }},
                'feature_contract', contract.contract_hash
            ),
            'rows', json_object('fit', counted.fit_count, 'validation', counted.validation_count, 'holdout', counted.holdout_count),
            'libraries', library_versions()::json,
            'logic', {{ text_literal(logic_hash('int_resonance__evaluate')) if execute else 'null' }}
        )::varchar as manifest
    from counted
    cross join contract
),

finished as (
    {{ finished_model_runs() }}
),

planned as (
    select
        substr(sha256(manifests.manifest), 1, 16) as model_run_id,
        manifests.*
    from manifests
),

final as (
    select
        planned.model_run_id,
        finished.model_run_id is null as is_new,
        planned.fit_count,
        planned.validation_count,
        planned.holdout_count,
        planned.actor_features,
        planned.director_features,
        planned.manifest
    from planned
    left join finished
        on planned.model_run_id = finished.model_run_id
)

select * from final
