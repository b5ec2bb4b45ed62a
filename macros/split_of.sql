{# Which part of the data a year belongs to: models are fitted on fit, chosen on validation and judged on holdout, which comes after both. #}
{% macro split_of(year) -%}
    {%- set cutoff = whole_number_var("resonance_train_cutoff_year") -%}
    case
        when {{ year }} <= {{ cutoff - whole_number_var("resonance_validation_years") }} then 'fit'
        when {{ year }} <= {{ cutoff }} then 'validation'
        {%- if var("resonance_holdout_years") is none %}
        else 'holdout'
        {%- else %}
        when {{ year }} <= {{ cutoff + whole_number_var("resonance_holdout_years") }} then 'holdout'
        else 'unused'
        {%- endif %}
    end
{%- endmacro %}
