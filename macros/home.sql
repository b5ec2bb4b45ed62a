{#
    Whether a product without a person's own data is built from its sample: where samples were asked for (CALLSHEET_SAMPLE), and in the
    checkout's own home until the first own data come.
#}
{% macro may_use_samples() -%}
    {%- set allowed = query_value("select samples_allowed()") -%}
    {{ return(allowed == "always" or (allowed == "alone" and not has_own_data())) }}
{%- endmacro %}

{# Whether this run brings own data, or the database holds some. #}
{% macro has_own_data() -%}
    {%- if is_own_source("percentiles") or is_own_source("pulse") or relation_exists("imported", "imports") -%} {{ return(true) }} {%- endif -%}
    {%- for product in ("percentiles", "pulse") if relation_exists("staging", "stg_" ~ product ~ "__landed") -%}
        {%- if held_dataset(product) not in (none, "sample") -%} {{ return(true) }} {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{# Whether the run was given files of a person's own for the product. #}
{% macro is_own_source(product) -%}
    {%- set asked = var({"percentiles": "percentiles_batches", "pulse": "pulse_breakdowns"}[product]) -%}
    {%- set sample = {"percentiles": "seeds/percentiles/batches", "pulse": "seeds/pulse/breakdowns_sample.csv"}[product] -%}
    {{ return(asked is not none and query_value(
        "select absolute_path(" ~ text_literal(asked) ~ ") <> project_path(" ~ text_literal(sample) ~ ")"
    )) }}
{%- endmacro %}

{% macro held_dataset(product) -%}
    {{ return(query_value("select max(dataset) from staging.stg_" ~ product ~ "__landed where position = 0")) }}
{%- endmacro %}

{% macro relation_exists(schema, name) -%}
    {{ return(adapter.get_relation(target.database, schema, name) is not none) }}
{%- endmacro %}

{#
    Called when a run starts. The first own data take the samples of every product out of the database, state included: what was derived from
    made-up data must not stand beside a person's own.
#}
{% macro retire_samples() -%}
    {%- if execute and writes_data() and has_own_data() and query_value("select samples_allowed()") != "always" -%}
        {%- set retired = [] -%}
        {%- for product in ("percentiles", "pulse") if relation_exists("staging", "stg_" ~ product ~ "__landed") -%}
            {%- if held_dataset(product) == "sample" -%} {%- do retired.append(product) -%} {%- endif -%}
        {%- endfor -%}
        {%- if relation_exists("intermediate", "int_resonance__judge_films")
            and (relation_exists("imported", "sample_before") or not relation_exists("imported", "imports")) -%}
            {%- do retired.append("resonance") -%}
        {%- endif -%}
        {%- for product in retired -%}
            {%- do drop_product(product) -%}
        {%- endfor -%}
        {%- if retired -%}
            {%- do run_query("drop table if exists imported.sample_before") -%}
            {%- do query_value("select tell(" ~ text_literal(
                "your own data have come: the samples of " ~ retired | join(", ") ~ " were taken out of this database."
            ) ~ ")") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Whether this command may change a database of DuckDB: compiling or documenting the project renders the hooks too. #}
{% macro writes_data() -%}
    {{ return(target.type == "duckdb" and flags.WHICH in ["build", "run", "seed"]) }}
{%- endmacro %}

{# Drops every table and view of a product, state included. #}
{% macro drop_product(product) -%}
    {%- set found = run_query(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database() and (table_schema = '" ~ product
        ~ "' or (table_schema in ('staging', 'intermediate') and regexp_matches(table_name, '^(stg|int)_" ~ product ~ "__')))"
    ).rows -%}
    {%- for schema, name in found -%}
        {%- do adapter.drop_relation(adapter.get_relation(target.database, schema, name)) -%}
    {%- endfor -%}
{%- endmacro %}

{#
    The rows of a seed and those of the home's config/<seed>.csv, with `is_own` for the latter.
    Models decide which of two rows with one key counts: the own one. On Spark the seed alone.
#}
{% macro configured_seed(seed, columns) -%}
    (
        select {{ columns | join(", ") }}, false as is_own from {{ ref(seed) }}
        {{ _own_rows(seed, columns) }}
    )
{%- endmacro %}

{# The rows of the home's config/<name>.csv alone, all as text. #}
{% macro configured_rows(name, columns) -%}
    (
        select {% for column in columns %} null::varchar as {{ column }}, {% endfor %} true as is_own where false
        {{ _own_rows(name, columns) }}
    )
{%- endmacro %}

{% macro _own_rows(name, columns) -%}
    {%- set own = query_value("select own_rows(" ~ text_literal(name) ~ ")") if execute and target.type == "duckdb" else none -%}
    {%- for row in (fromjson(own) if own else []) %}
        union all
        select
            {%- for column in columns %}
            {{ "null" if row[column] is none else text_literal(row[column]) if row[column] is string else row[column] }} as {{ column }},
            {%- endfor %}
            true as is_own
    {%- endfor -%}
{%- endmacro %}

{# Called when a run starts: what a person had changed in seeds of an earlier release moves into the home's config, once. #}
{% macro move_seeds_into_config() -%}
    {%- if execute and writes_data() and query_value("select has_no_config()") -%}
        {%- set held = {} -%}
        {%- for seed in ["industries", "column_aliases_local", "project_type_patterns_local", "region_patterns_local", "regions_local",
                         "role_type_patterns_local", "theme_terms_local", "union_patterns_local"] -%}
            {%- set relation = adapter.get_relation(target.database, "reference", seed) -%}
            {%- if relation is not none -%}
                {%- do held.update({seed: fromjson(query_value("select coalesce(to_json(list(rows)), '[]')::varchar from " ~ relation ~ " as rows"))}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do query_value("select move_into_config(" ~ text_literal(tojson(held)) ~ ")") -%}
    {%- endif -%}
{%- endmacro %}
