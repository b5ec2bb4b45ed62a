{# The genres that features are made of. A fixed list and no var: the features' names hang on it, and with them every fitted model. #}
{% macro resonance_genres() -%}
    {{ return([
        "action", "adventure", "animation", "comedy", "crime", "documentary", "drama", "family", "fantasy",
        "history", "horror", "music", "mystery", "romance", "science_fiction", "thriller", "war", "western",
    ]) }}
{%- endmacro %}

{#
    Genres travel packed, three bits each: a film has 0 or 1 of each, and the last five roles add up to at most 5 of each. One sum over one column
    then counts all of them at once.
#}
{% macro genre_unit(genre) -%}
    {%- set ns = namespace(cases=[]) -%}
    {%- for known in resonance_genres() -%}
        {%- do ns.cases.append("when '" ~ known ~ "' then " ~ (8 ** loop.index0)) -%}
    {%- endfor -%}
    case {{ genre }} {{ ns.cases | join(" ") }} else 0 end
{%- endmacro %}

{# How often the genre at this place of the list is in a packed number. #}
{% macro genre_count(packed, place) -%}
    (({{ packed }} >> {{ 3 * place }}) & 7)
{%- endmacro %}
