{# The fields that are matched by patterns, each with the seed that holds them; a `_local` seed beside each is the person's own. #}
{% macro pattern_seeds() -%}
    {{ return({
        "place": "region_patterns",
        "project_type": "project_type_patterns",
        "role_type": "role_type_patterns",
        "union": "union_patterns",
        "theme": "theme_terms",
    }) }}
{%- endmacro %}

{#
    A time as a UTC timestamp, null where it is none: ISO with or without offset (none is UTC), fractional seconds, epoch seconds and
    milliseconds, YYYYMMDD; another form only as `pulse_date_format` says. The usual forms come first, by their shape: this runs on every row. The
    session's time zone never matters, since only a text that names its offset is cast to a type that has one. Casts are tried ones: the engine may
    run them before the condition.
#}
{% macro utc_time(text) -%}
    {%- set value = "upper(trim(" ~ text ~ "))" -%}
    {%- set offset = "regexp_extract(" ~ value ~ ", ' ?[+-][0-9]{2}(:?[0-9]{2})?$')" -%}
    {%- set digits = "regexp_replace(" ~ offset ~ ", '[^0-9]', '', 'g')" -%}
    {%- if var("pulse_date_format") -%}
    coalesce(try_strptime({{ text }}, {{ text_literal(var("pulse_date_format")) }}),
    {%- endif %}
        case
            when {{ text }} like '____-__-__T__:__:__%Z' or {{ text }} like '____-__-_____:__:__' then try_cast({{ text }} as timestamp)
            when {{ text }} like '____-__-__T__:__:__+__:__' or {{ text }} like '____-__-__T__:__:__-__:__'
                then make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
            when regexp_full_match({{ text }}, '[0-9]{9,10}') then make_timestamp(try_cast({{ text }} as bigint) * 1000000)
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
    {%- if var("pulse_date_format") -%} ) {%- endif -%}
{%- endmacro %}

{# The folder that the deliveries come from, or `sample`. #}
{% macro landed_dataset() -%} {{ return(adapter.dispatch("landed_dataset")()) }} {%- endmacro %}

{% macro duckdb__landed_dataset() -%} getvariable('pulse_dataset')::string {%- endmacro %}

{% macro spark__landed_dataset() -%} deliveries.dataset {%- endmacro %}

{# A 60-bit number for a text. #}
{% macro text_key(text) -%}
    {{ hex_number("substr(md5(" ~ text ~ "), 1, 15)") }}
{%- endmacro %}

{# SHA-256 of a raw record: its cells, or what the reader kept of one that it could not take. #}
{% macro payload_hash(view, notice) -%}
    {%- set cells = ["coalesce(" ~ view ~ ".posted_date, '~')"] -%}
    {%- for column in notice_columns() -%}
        {%- do cells.append("coalesce(" ~ notice ~ "." ~ column ~ ", '~')") -%}
    {%- endfor -%}
    {{ sha256_of("coalesce(" ~ notice ~ ".payload, concat_ws(chr(31), " ~ cells | join(", ") ~ "))") }}
{%- endmacro %}

{# A text without blanks around it; null where nothing is left. #}
{% macro filled(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}

{# Who is cast: the id, else project and role name, else what else tells two notices apart. #}
{% macro role_key(notice) -%}
    {{ text_key(
        "case"
        ~ " when " ~ filled(notice ~ ".breakdown_id") ~ " is not null then 'id|' || trim(" ~ notice ~ ".breakdown_id)"
        ~ " when " ~ filled(notice ~ ".project_name") ~ " is not null and " ~ filled(notice ~ ".role_name") ~ " is not null"
        ~ " then 'name|' || lower(trim(" ~ notice ~ ".project_name)) || '|' || lower(trim(" ~ notice ~ ".role_name))"
        ~ " else concat_ws('|', 'text', coalesce(" ~ notice ~ ".role_description, ''), coalesce(" ~ notice ~ ".work_city, ''), coalesce(" ~ notice ~ ".rate, ''))"
        ~ " end"
    ) }}
{%- endmacro %}
