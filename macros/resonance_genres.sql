{# The genres that features are made of. A fixed list and no var: the features' names hang on it, and with them every fitted model. #}
{% macro resonance_genres() -%}
    {{ return([
        "action", "adventure", "animation", "comedy", "crime", "documentary", "drama", "family", "fantasy",
        "history", "horror", "music", "mystery", "romance", "science_fiction", "thriller", "war", "western",
    ]) }}
{%- endmacro %}

{#
    How often the genre at this place of the list is in a packed number. Genres travel packed, three bits each: a film has 0 or 1 of each, and the
    last five roles add up to at most 5 of each. One sum over one column then counts all of them at once.
#}
{% macro genre_count(packed, place) -%}
    (({{ packed }} >> {{ 3 * place }}) & 7)
{%- endmacro %}
