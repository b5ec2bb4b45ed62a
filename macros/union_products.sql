{#
    The rows of `int_<product>__<name>` of every product, with the product's name: how a product plugs into operations. A product that this
    database does not hold yet is left out until a run builds it: macros/run_log.sql.
#}
{% macro union_products(name) -%}
    {#- Until every product has its events, resonance's are read by kind. -#}
    {%- set of_events = {
        "quarantined": "subject as file_name, revision, position, reason as reject_reason, payload_hash from %s where event = 'quarantined'",
        "alerts": "reason as kind, subject, message from %s where event = 'alert'",
        "landings": "batch_no, landed_at from %s where event = 'landing'",
    }[name] -%}
    {%- for product in products_that_hold(name) or products() %}
    {%- if product == "resonance" %}
    select 'resonance' as product, {{ of_events % ref("int_resonance__events") }}
    {%- else %}
    select '{{ product }}' as product, rows_of_{{ product }}.*
    from {{ ref("int_" ~ product ~ "__" ~ name) }} as rows_of_{{ product }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The products whose `int_<product>__<name>` this database holds. #}
{% macro products_that_hold(name) -%}
    {%- set built = [] -%}
    {%- for product in products() if execute -%}
        {%- set relation = "int_resonance__events" if product == "resonance" else "int_" ~ product ~ "__" ~ name -%}
        {%- if load_relation(builtins.ref(relation)) is not none -%}
            {%- do built.append(product) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(built) }}
{%- endmacro %}

{# The names of the products that are switched on. #}
{% macro products() -%}
    {{ return(var("products").items() | selectattr(1) | map(attribute=0) | list) }}
{%- endmacro %}
