{# So many words of a list from a place on (the first is 1), as one text with a blank between them. #}
{% macro phrase(words, first, count) -%}
    {{ adapter.dispatch("phrase")(words, first, count) }}
{%- endmacro %}

{% macro duckdb__phrase(words, first, count) -%}
    array_to_string({{ words }}[{{ first }}:{{ first }} + {{ count }} - 1], ' ')
{%- endmacro %}

{% macro spark__phrase(words, first, count) -%}
    array_join(slice({{ words }}, {{ first }}, {{ count }}), ' ')
{%- endmacro %}
