{# A mean of n values, drawn n/(n+2) of the way from what is usual to itself: two films' worth of doubt. Null without a value. #}
{% macro shrunk(mean, count, usual) -%}
    case when {{ count }} > 0 then ({{ count }} * {{ mean }} + 2 * {{ usual }}) / ({{ count }} + 2) end
{%- endmacro %}
