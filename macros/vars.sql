{# Vars as what they must be, or one sentence that says so: a typing error must not become SQL. #}
{% macro whole_number_var(name, minimum=1) -%}
    {%- set value = var(name) -%}
    {%- if value is boolean or value is not integer or value < minimum -%}
        {{ exceptions.raise_compiler_error("The var " ~ name ~ " is '" ~ value ~ "': give a whole number from " ~ minimum ~ " on.") }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{# YAML takes 1e308 for a text, hence the conversion. #}
{% macro number_var(name, minimum=0) -%}
    {%- set value = var(name) -%}
    {%- set number = -1.0 if value is boolean else value | float(-1.0) -%}
    {%- if not number >= minimum -%}
        {{ exceptions.raise_compiler_error("The var " ~ name ~ " is '" ~ value ~ "': give a number from " ~ minimum ~ " on.") }}
    {%- endif -%}
    {{ return(number) }}
{%- endmacro %}

{% macro choice_var(name, choices) -%}
    {%- set value = var(name) -%}
    {%- if value not in choices -%}
        {{ exceptions.raise_compiler_error("The var " ~ name ~ " is '" ~ value ~ "': choose one of " ~ choices | join(", ") ~ ".") }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}
