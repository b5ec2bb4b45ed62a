{# References without the database's name: a view that holds it breaks as soon as somebody copies or renames the file. #}
{% macro ref() -%}
    {{ return(builtins.ref(*varargs, **kwargs).include(database=false)) }}
{%- endmacro %}

{# On Spark a source is a temporary view, which the launcher has opened: it has no schema. #}
{% macro source() -%}
    {{ return(builtins.source(*varargs, **kwargs).include(database=false, schema=target.type != "spark")) }}
{%- endmacro %}
