{# A double to so many decimals. Not round(number, decimals): one engine rounds the double, another the decimals it prints as.
   A half differs in its last bit between engines, so it is pushed up a little. #}
{% macro rounded(number, decimals) -%}
    (round(({{ number }}) * {{ 10 ** decimals }} + 1e-6) / {{ 10 ** decimals }})
{%- endmacro %}
