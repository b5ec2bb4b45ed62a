{#
    DuckDB's text of `utc_time`: ISO with or without offset (none is UTC), fractional seconds, epoch seconds and milliseconds, YYYYMMDD; further forms only as the list `forms` says, tried first.
    The usual forms come first, by their shape: this runs on every row, and the patterns of the last branches cost twenty times a cast. The session's
    time zone never matters, since only a text that names its offset is cast to a type that has one. Casts are tried ones: the engine may run them
    before the condition. Rendered by python_udfs/callsheet/pulse/notices.py too, hence nothing of dbt in it.
#}
{% macro time_in_utc(text, forms=none) -%}
    {%- set value = "upper(trim(" ~ text ~ "))" -%}
    {%- set offset = "regexp_extract(" ~ value ~ ", ' ?[+-][0-9]{2}(:?[0-9]{2})?$')" -%}
    {%- set digits = "regexp_replace(" ~ offset ~ ", '[^0-9]', '', 'g')" -%}
    {%- if forms -%}
    coalesce(try_strptime({{ text }}, {{ forms }}),
    {%- endif %}
        case
            when {{ text }} like '____-__-__T__:__:__%Z' or {{ text }} like '____-__-_____:__:__' then try_cast({{ text }} as timestamp)
            when {{ text }} like '____-__-__T__:__:__+__:__' or {{ text }} like '____-__-__T__:__:__-__:__'
                then make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
            when {{ text }} like '____-__-__T__:__:__+____' or {{ text }} like '____-__-__T__:__:__-____'
                then make_timestamp(epoch_us(try_cast({{ text }}[:22] || ':' || {{ text }}[23:] as timestamptz)))
            when length({{ text }}) between 9 and 10 and regexp_full_match({{ text }}, '[0-9]+')
                then make_timestamp(try_cast({{ text }} as bigint) * 1000000)
            when length({{ text }}) between 12 and 13 and regexp_full_match({{ text }}, '[0-9]+')
                then make_timestamp(try_cast({{ text }} as bigint) * 1000)
            when length({{ text }}) = 8 and regexp_full_match({{ text }}, '[0-9]+') then try_strptime({{ text }}, '%Y%m%d')
            when regexp_full_match({{ value }}, '[0-9]{12,13}') then make_timestamp(try_cast({{ value }} as bigint) * 1000)
            when regexp_full_match({{ value }}, '[0-9]{9,10}([.][0-9]+)?')
                then make_timestamp(try_cast(round(try_cast({{ value }} as double) * 1000000) as bigint))
            when regexp_full_match({{ value }}, '[0-9]{8}') then try_strptime({{ value }}, '%Y%m%d')
            -- The engine's cast to a timestamp reads an offset and drops it, hence the subtraction.
            when {{ value }}[5] = '-' and length({{ value }}) > 13 and {{ offset }} <> ''
                then try_cast({{ value }}[:length({{ value }}) - length({{ offset }})] as timestamp) - to_minutes(
                    if(contains({{ offset }}, '-'), -1, 1)
                    * (60 * try_cast({{ digits }}[:2] as integer) + coalesce(try_cast({{ digits }}[3:] as integer), 0))
                )
            when {{ value }}[5] = '-' then try_cast({{ value }} as timestamp)
        end
    {%- if forms -%} ) {%- endif -%}
{%- endmacro %}
