{# A text as a finite number, dollar sign and thousands' commas allowed; null where it is none. #}
{% macro number_of(text) -%}
    case
        when regexp_full_match({{ text }}, '[$]?[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?([.][0-9]*)?([eE][+-]?[0-9]{1,2})?')
            then try_cast(replace(replace({{ text }}, ',', ''), '$', '') as double)
    end
{%- endmacro %}
