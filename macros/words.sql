{#
    Whether a text may hold one of a field's patterns: their letters in this order, with nothing but punctuation between them and no letter or digit
    beside them. Most texts do not, and to fold them all only to find that out would take ten times as long. A text that is not plain ASCII may.
#}
{% macro may_match(text, field) -%}
    {%- set patterns = ref("stg_pulse__patterns") -%}
    {%- set spaced = [] -%}
    {%- if execute and load_relation(patterns) is not none -%}
        {%- set found = run_query("select pattern from " ~ patterns ~ " where field = " ~ text_literal(field) ~ " order by pattern") -%}
        {%- for pattern in found.columns[0].values() -%}
            {%- do spaced.append(pattern | replace(" ", "") | list | join("[^a-z0-9]*")) -%}
        {%- endfor -%}
    {%- endif -%}
    (
        bit_length({{ text }}) <> 8 * length({{ text }})
        or regexp_extract({{ text }}, {{ text_literal("(?i)(^|[^a-z0-9])(" ~ spaced | join("|") ~ ")([^a-z0-9]|$)") }}, 0) <> ''
    )
{%- endmacro %}
