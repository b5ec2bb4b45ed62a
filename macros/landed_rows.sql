{#
    The rows of one raw table of resonance: those that import_films.py brought into this database, else the sample's. The choice is made when a
    model runs, so that one parsed project serves both.
#}
{% macro landed_rows(entity) -%}
    {%- set seed = ref(entity) -%}
    {%- set imported = builtins.source("resonance_imported", entity) -%}
    {%- set columns = {
        "films": ["film_id", "title", "release_date", "release_year", "budget", "revenue", "rating", "vote_count", "genres", "keywords"],
        "credits": ["film_id", "person_id", "job", "billing"],
        "people": ["person_id", "name", "born", "died", "gender", "professions"],
    }[entity] -%}
    {%- set is_imported = execute and load_relation(imported) is not none -%}
    {#- A home that an earlier release imported into has people without facts until the next import. -#}
    {%- set held = adapter.get_columns_in_relation(imported) | map(attribute="name") | list if is_imported else columns -%}
    {%- set own = "facts_licence" in held -%}
    select
        {{ "file_name" if is_imported else text_literal(entity ~ ".csv") }} as file_name,
        position::bigint as position,
        {%- for column in columns %}
        {{ "nullif(trim(" ~ column ~ "), '')" if column in held else "null::varchar" }} as {{ column }},
        {%- endfor %}
        {{ ("nullif(trim(resonance), '')" if is_imported else "null::varchar") ~ " as supplied_resonance,\n        " ~ ("problem" if is_imported else "null::varchar") ~ " as line_problem,\n        " ~ ("imported_at" if is_imported else "null::timestamp") ~ " as landed_at" if entity == "films" }}
        {%- if entity == "people" %}
        {{ "licence" if own else "null::varchar" if is_imported else "'MIT, as this project: everybody is invented'" }} as licence,
        {{ "facts_from" if own else "null::varchar" if is_imported else "'people.csv'" }} as facts_from,
        {{ "facts_licence" if own else "null::varchar" if is_imported else "'MIT, as this project: everybody is invented'" }} as facts_licence
        {%- endif %}
    from {{ imported.include(database=false) if is_imported else seed }}
    {%- if execute and not is_imported and not may_use_samples() %} where false {%- endif %}
{%- endmacro %}
