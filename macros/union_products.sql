{# The rows of `int_<product>__<name>` of every product, with the product's name: how a product plugs into operations. #}
{% macro union_products(name) -%}
    {%- for product in var("products") %}
    select '{{ product }}' as product, rows_of_{{ product }}.*
    from {{ ref("int_" ~ product ~ "__" ~ name) }} as rows_of_{{ product }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
