-- The run that the data and the vars of today ask for. Its id is the hash of its manifest: the same inputs are the same run.
{% set settings = {
    "resonance_seed": whole_number_var("resonance_seed", 0),
    "resonance_train_cutoff_year": whole_number_var("resonance_train_cutoff_year"),
    "resonance_validation_years": whole_number_var("resonance_validation_years"),
    "resonance_holdout_years": none if var("resonance_holdout_years") is none else whole_number_var("resonance_holdout_years"),
    "resonance_cycle_years": number_var("resonance_cycle_years", 1),
    "resonance_alpha_cycle": none if var("resonance_alpha_cycle") is none else number_var("resonance_alpha_cycle"),
    "resonance_synergy_weight": none if var("resonance_synergy_weight") is none else number_var("resonance_synergy_weight"),
    "resonance_bootstrap_draws": whole_number_var("resonance_bootstrap_draws", 20),
    "resonance_fit_rows_limit": whole_number_var("resonance_fit_rows_limit", 1000),
    "resonance_scale_films": whole_number_var("resonance_scale_films"),
    "resonance_money_floor": number_var("resonance_money_floor"),
} %}
{% set inputs = {
    "actor_features": ref("int_resonance__features"),
    "director_features": ref("int_resonance__director_features"),
    "label_thresholds": ref("label_thresholds"),
} %}
{# Found without a ref: model_runs is the last model of a run, and this is the first. #}
{% set finished = load_relation(api.Relation.create(database=target.database, schema="resonance", identifier="model_runs")) if execute %}

with contract as (
    select
        string_agg(distinct contract_hash, ',' order by contract_hash) as contract_hash,
        list(feature order by position) filter (where head = 'actor') as actor_features,
        list(feature order by position) filter (where head = 'director') as director_features
    from {{ ref("feature_contract") }}
),

counted as (
    select
        count(*) filter (where split = 'fit') as fit_count,
        count(*) filter (where split = 'validation') as validation_count,
        count(*) filter (where split = 'holdout') as holdout_count
    from {{ ref("int_resonance__features") }}
    where high_resonance is not null
),

planned as (
    select
        counted.*,
        contract.actor_features,
        contract.director_features,
        json_object(
            'vars', {{ text_literal(tojson(settings, sort_keys=true)) }}::json,
            'inputs', json_object(
                {% for name, relation in inputs.items() %}
                -- DuckDB's own hash takes a thirtieth of the time of one over text. Its version is part of the manifest.
                    '{{ name }}', (select coalesce(sum(hash(hashed)), 0)::varchar from {{ relation }} as hashed),  -- noqa: RF02, AL05
                {% endfor %}
                'feature_contract', contract.contract_hash
            ),
            'rows', json_object('fit', counted.fit_count, 'validation', counted.validation_count, 'holdout', counted.holdout_count),
            'libraries', library_versions()::json,
            'logic', {{ text_literal(logic_hash('int_resonance__evaluate')) if execute else 'null' }}
        )::varchar as manifest
    from counted
    cross join contract
),

identified as (
    select
        planned.*,
        substr(sha256(planned.manifest), 1, 16) as model_run_id
    from planned
),

final as (
    select
        identified.model_run_id,
        {% if finished %}
        identified.model_run_id not in (select model_run_id from {{ finished.include(database=false) }}) as is_new,
        {% else %}
            true as is_new,
        {% endif %}
        identified.fit_count,
        identified.validation_count,
        identified.holdout_count,
        identified.actor_features,
        identified.director_features,
        identified.manifest
    from identified
)

select * from final
