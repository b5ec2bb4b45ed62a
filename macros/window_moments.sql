{#
    Mean and population standard deviation of the scores of each (iteration, industry), only where the method needs them.
    Summed in the order of the scores, because a sum of doubles in the order of the threads differs in its last bits.
#}
{% macro window_moments(curve) -%}
    {%- if var("percentiles_method") == "normal" -%}
    select
        sums.iteration,
        sums.industry,
        sums.mean,
        sqrt(list_sum(list_transform(sums.scores, lambda pair: pair.n * (pair.score - sums.mean) * (pair.score - sums.mean))) / sums.total) as deviation
    from (
        select
            curve.iteration,
            curve.industry,
            list({'score': curve.score, 'n': curve.equal_count} order by curve.score) as scores,
            sum(curve.equal_count)::double as total,
            list_sum(list(curve.score * curve.equal_count order by curve.score)) / sum(curve.equal_count)::double as mean
        from {{ curve }} as curve
        group by curve.iteration, curve.industry
    ) as sums
    {%- else -%}
    select
        null::bigint as iteration,
        null::varchar as industry,
        null::double as mean,
        null::double as deviation
    where false
    {%- endif -%}
{%- endmacro %}
