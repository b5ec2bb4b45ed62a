{# The fields that are matched by patterns, each with the seed that holds them. #}
{% macro pattern_seeds() -%}
    {{ return({
        "place": "region_patterns",
        "project_type": "project_type_patterns",
        "role_type": "role_type_patterns",
        "union": "union_patterns",
        "theme": "theme_terms",
    }) }}
{%- endmacro %}

{# The folder that the deliveries come from, or `sample`. #}
{% macro landed_dataset() -%}
    {{ adapter.dispatch("landed_dataset")() }}
{%- endmacro %}

{% macro duckdb__landed_dataset() -%}
    getvariable('pulse_dataset')::string
{%- endmacro %}

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
