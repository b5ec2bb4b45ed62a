{# The launcher computes it and leaves it in the session's settings: workers do not see the project's files. #}
{% macro spark__logic_hash(model) -%}
    {{ return(run_query("set callsheet.logic." ~ model).columns[1].values()[0]) }}
{%- endmacro %}
