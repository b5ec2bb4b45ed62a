{# Every var that a trained model depends on, as one JSON text: with the hashes of its inputs it is enough to repeat the run. #}
{% macro model_run_settings() -%}
    {%- set alpha = var("resonance_alpha_cycle") -%}
    {%- set synergy_weight = var("resonance_synergy_weight") -%}
    {%- set holdout_years = var("resonance_holdout_years") -%}
    {{ return(tojson({
        "resonance_seed": whole_number_var("resonance_seed", 0),
        "resonance_train_cutoff_year": whole_number_var("resonance_train_cutoff_year"),
        "resonance_validation_years": whole_number_var("resonance_validation_years"),
        "resonance_holdout_years": none if holdout_years is none else whole_number_var("resonance_holdout_years"),
        "resonance_cycle_years": number_var("resonance_cycle_years", 1),
        "resonance_alpha_cycle": none if alpha is none else number_var("resonance_alpha_cycle"),
        "resonance_synergy_weight": none if synergy_weight is none else number_var("resonance_synergy_weight"),
        "resonance_bootstrap_draws": whole_number_var("resonance_bootstrap_draws", 20),
        "resonance_fit_rows_limit": whole_number_var("resonance_fit_rows_limit", 1000),
        "resonance_scale_films": whole_number_var("resonance_scale_films"),
        "resonance_money_floor": number_var("resonance_money_floor"),
    }, sort_keys=true)) }}
{%- endmacro %}

{# Ids of the runs that were finished. Found without a ref: the last model of a run is what tells the first one to do nothing. #}
{% macro finished_model_runs() -%}
    {%- set finished = none -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == "model" and node.name == "model_runs" -%}
            {%- set finished = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
            {%- if finished is not none %}
    select model_run_id from {{ finished.include(database=false) }}
            {%- else %}
    select null::varchar as model_run_id where false
            {%- endif -%}
        {%- endfor -%}
    {%- else %}
    select null::varchar as model_run_id where false
    {%- endif -%}
{%- endmacro %}

{#
    A number that changes when any value of a relation does; the order of rows is nothing to it. DuckDB's own hash over the values as they are
    takes a thirtieth of the time of one over their text; its version is part of the manifest.
#}
{% macro row_sum(relation) -%}
    (select coalesce(sum(hash(hashed)), 0)::varchar from {{ relation }} as hashed)
{%- endmacro %}
