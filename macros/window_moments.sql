{#
    Mean and population standard deviation of the scores of each (iteration, industry), only where the method needs them.
    Summed in the order of the scores, because a sum of doubles in the order of the threads differs in its last bits.
#}
{% macro window_moments(curve) -%}
    {%- if var("percentiles_method") == "normal" -%}
    select
        means.iteration,
        means.industry,
        means.mean,
        sqrt({{ ordered("sum", "curve.equal_count * power(curve.score - means.mean, 2)", "curve.score") }} / means.total) as deviation
    from (
        select
            iteration,
            industry,
            sum(equal_count)::double as total,
            {{ ordered("sum", "score * equal_count", "score") }} / sum(equal_count)::double as mean
        from {{ curve }}
        group by iteration, industry
    ) as means
    inner join {{ curve }} as curve
        on means.iteration = curve.iteration and means.industry = curve.industry
    group by means.iteration, means.industry, means.mean, means.total
    {%- else -%}
    select
        null::bigint as iteration,
        null::string as industry,
        null::double as mean,
        null::double as deviation
    where false
    {%- endif -%}
{%- endmacro %}
