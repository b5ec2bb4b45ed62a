{# The var `<product>_batches_per_day` of each row's product; null where a product has none. #}
{% macro batches_per_day(product_column) -%}
    case {{ product_column }}
        {%- for product in products() %}
        when '{{ product }}' then
            {{- " " ~ (number_var(product ~ "_batches_per_day") if var(product ~ "_batches_per_day", none) is not none else "null::double") }}
        {%- endfor %}
    end
{%- endmacro %}
