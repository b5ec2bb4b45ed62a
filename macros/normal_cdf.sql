{#
    The standard normal distribution function to double precision: Hart's rational approximation (1968, algorithm 5666) with
    its continued fraction in the tail. Plain arithmetic, because neither engine has an error function and a Python
    function would make every view over it unreadable for other programs.
#}
{% macro normal_cdf(z) -%}
    {%- set x = "least(abs(" ~ z ~ "), 38.0)" -%}
    {%- set upper = [0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376] -%}
    {%- set under = [0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752] -%}
    {%- set tail -%}
        case
            when {{ x }} < 7.07106781186547 then exp(-{{ x }} * {{ x }} / 2) * {{ horner(x, upper) }} / {{ horner(x, under) }}
            else exp(-{{ x }} * {{ x }} / 2) / 2.506628274631
                / ({{ x }} + 1 / ({{ x }} + 2 / ({{ x }} + 3 / ({{ x }} + 4 / ({{ x }} + 0.65)))))
        end
    {%- endset -%}
    (case when {{ z }} > 0 then 1 - {{ tail }} else {{ tail }} end)
{%- endmacro %}

{# A polynomial in Horner's form, highest coefficient first. #}
{% macro horner(x, coefficients) -%}
    {%- set ns = namespace(text=coefficients[0] | string ~ "::double") -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set ns.text = "(" ~ ns.text ~ " * " ~ x ~ " + " ~ coefficient ~ "::double)" -%}
    {%- endfor -%}
    {{ ns.text }}
{%- endmacro %}
