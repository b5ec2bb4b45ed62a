{# A time as a UTC timestamp, null where it is none, in the forms that `time_in_utc` lists and those that `pulse_date_format` names. #}
{% macro utc_time(text) -%}
    {{ adapter.dispatch("utc_time")(text) }}
{%- endmacro %}

{% macro duckdb__utc_time(text) -%}
    {%- set forms = [] -%}
    {%- for form in date_forms().splitlines() -%} {%- do forms.append(text_literal(form)) -%} {%- endfor -%}
    {{ time_in_utc(text, "[" ~ forms | join(", ") ~ "]" if forms else none) }}
{%- endmacro %}

{# The forms of dates that a person named, one or several: a line each. #}
{% macro date_forms() -%}
    {%- set asked = var("pulse_date_format") or [] -%}
    {{- ([asked] if asked is string else asked) | join("\n") -}}
{%- endmacro %}

{# Every form is checked by its shape first: left to itself, this engine's cast takes a year, or a time without a day, for a moment. #}
{% macro spark__utc_time(text) -%}
    {%- set value = "upper(trim(" ~ text ~ "))" -%}
    {%- set offset = "case when length(" ~ value ~ ") > 13 then regexp_extract(" ~ value ~ ", ' ?[+-][0-9]{2}(:?[0-9]{2})?$', 0) else '' end" -%}
    {%- set digits = "regexp_replace(" ~ offset ~ ", '[^0-9]', '')" -%}
    {%- set local = "left(" ~ value ~ ", length(" ~ value ~ ") - length(" ~ offset ~ "))" -%}
    {%- set clock = "regexp_replace(regexp_replace(regexp_replace(" ~ local ~ ", '[.]?(Z| UTC)?$', ''), ':$', ':00'), '\\\\s+', ' ')" -%}
    cast(
        coalesce({% for form in date_forms().splitlines() %}time_of_form({{ text }}, {{ text_literal(form) }}), {% endfor %}
        case
            when {{ value }} rlike '^[0-9]{12,13}$' then timestamp_millis(try_cast({{ value }} as bigint))
            when {{ value }} rlike '^[0-9]{9,10}([.][0-9]+)?$' then timestamp_micros(try_cast(round(try_cast({{ value }} as double) * 1000000) as bigint))
            when {{ value }} rlike '^[0-9]{8}$'
                then try_cast(concat_ws('-', left({{ value }}, 4), substr({{ value }}, 5, 2), right({{ value }}, 2)) as timestamp)
            when {{ local }} rlike '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}((T|\\s+)[0-9]{1,2}:([0-9]{1,2}(:([0-9]{1,2}([.][0-9]*)?(Z| UTC)?)?)?)?)?$'
                then timestampadd(
                    minute,
                    case when contains({{ offset }}, '-') then 1 else -1 end
                    * (60 * coalesce(try_cast(left({{ digits }}, 2) as int), 0) + coalesce(try_cast(substr({{ digits }}, 3) as int), 0))
                    + case when {{ clock }} rlike '[T ]24:0[0:.]*$' then 24 * 60 else 0 end,
                    try_cast(regexp_replace({{ clock }}, '[T ]24:(0[0:.]*)$', ' 00:$1') as timestamp)
                )
        end
        ) as timestamp
    )
{%- endmacro %}
