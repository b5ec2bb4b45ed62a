{#
    A text as the patterns see it: accents and case folded, every run of what is neither letter nor digit one blank, a blank at either end. An
    apostrophe joins (j'ai is one word), and so do the dots of initials (a.i. is ai, but the end of "plan A. I ..." is not).
#}
{% macro words_of(text) -%}
    {{ adapter.dispatch("words_of")(text) }}
{%- endmacro %}

{% macro duckdb__words_of(text) -%}
    ' ' || trim(regexp_replace(
        regexp_replace(
            replace(replace(replace(lower(strip_accents({{ text }})), '''', ''), '’', ''), '‘', ''),
            '\b(\pL)[.](\pL)\b([.](\pL)\b)?[.]?', '\1\2\4', 'g'
        ),
        '[^\pL\pN]+', ' ', 'g'
    )) || ' '
{%- endmacro %}

{# Python folds the case: Java's own lower case depends on the letter's place in its word. The edge of a word is one between ASCII letters, as on DuckDB. #}
{% macro spark__words_of(text) -%}
    {%- set edge = "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))" -%}
    ' ' || trim(regexp_replace(
        regexp_replace(
            replace(replace(replace(folded_text({{ text }}), '''', ''), '’', ''), '‘', ''),
            '{{ edge }}(\\pL)[.](\\pL){{ edge }}([.](\\pL){{ edge }})?[.]?', '$1$2$4'
        ),
        '[^\\pL\\pN]+', ' '
    )) || ' '
{%- endmacro %}
