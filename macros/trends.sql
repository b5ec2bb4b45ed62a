{# A double to so many decimals. Not round(number, decimals): one engine rounds the double, another the decimals it prints as. #}
{% macro rounded(number, decimals) -%}
    (round(({{ number }}) * {{ 10 ** decimals }}) / {{ 10 ** decimals }})
{%- endmacro %}
