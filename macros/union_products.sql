{#
    The rows of `int_<product>__<name>` of every product, with the product's name: how a product plugs into operations. A product that this
    database does not hold yet is left out until a run builds it: macros/run_log.sql.
#}
{% macro union_products(name) -%}
    {%- for product in products_that_hold(name) or products() %}
    select '{{ product }}' as product, rows_of_{{ product }}.*
    from {{ ref("int_" ~ product ~ "__" ~ name) }} as rows_of_{{ product }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The products whose `int_<product>__<name>` this database holds. #}
{% macro products_that_hold(name) -%}
    {%- set built = [] -%}
    {%- for product in products() if execute and load_relation(builtins.ref("int_" ~ product ~ "__" ~ name)) is not none -%}
        {%- do built.append(product) -%}
    {%- endfor -%}
    {{ return(built) }}
{%- endmacro %}

{# The names of the products that are switched on. #}
{% macro products() -%}
    {{ return(var("products").items() | selectattr(1) | map(attribute=0) | list) }}
{%- endmacro %}
