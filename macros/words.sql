{#
    A text as the patterns see it: accents and case folded, every run of what is neither letter nor digit one blank, a blank at either end. An
    apostrophe joins (j'ai is one word), and so do the dots of initials (a.i. is ai, but the end of "plan A. I ..." is not).
#}
{% macro words_of(text) -%}
    ' ' || trim(regexp_replace(
        regexp_replace(
            replace(replace(replace(lower(strip_accents({{ text }})), '''', ''), '’', ''), '‘', ''),
            '\b(\pL)[.](\pL)\b([.](\pL)\b)?[.]?', '\1\2\4', 'g'
        ),
        '[^\pL\pN]+', ' ', 'g'
    )) || ' '
{%- endmacro %}

{#
    Whether a text may hold one of a field's patterns: their letters in this order, with nothing but punctuation between them and no letter or digit
    beside them. Most texts do not, and to fold them all only to find that out would take ten times as long. A text that is not plain ASCII may.
#}
{% macro may_match(text, field) -%}
    {%- set patterns = ref("stg_pulse__patterns") -%}
    {%- set any_pattern = query_value(
        "select string_agg(array_to_string(string_split(replace(pattern, ' ', ''), ''), '[^a-z0-9]*'), '|') from " ~ patterns
        ~ " where field = " ~ text_literal(field)
    ) if execute and load_relation(patterns) is not none else "" -%}
    (
        strlen({{ text }}) <> length({{ text }})
        or regexp_matches({{ text }}, {{ text_literal("(?i)(^|[^a-z0-9])(" ~ (any_pattern or "") ~ ")([^a-z0-9]|$)") }})
    )
{%- endmacro %}
