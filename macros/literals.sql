{# A text as an SQL literal. Paths come from a person: a quote in one must not end the literal. #}
{% macro text_literal(text) -%}
    {{ adapter.dispatch("text_literal")(text) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}

{# A path in which glob's own characters stand for themselves. #}
{% macro glob_escape(path) -%}
    {{ path | replace("[", "[[]") | replace("*", "[*]") | replace("?", "[?]") }}
{%- endmacro %}
