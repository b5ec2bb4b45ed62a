{# What an alarm of the newest training run means, and what to do about it. #}
{% macro monitor_message(check) -%}
    case {{ check }}.check_name
        when 'worse_than_chance'
            then 'The ' || {{ check }}.subject || ' ranks ' || {{ check }}.label || ' of the holdout worse than chance (AUROC '
                || round({{ check }}.value, 3) || '): look for too few films or a changed meaning of the outcome. It is not turned around.'
        when 'calibration_drift'
            then 'The calibration error of ' || {{ check }}.label || ' grew from ' || round({{ check }}.reference_value, 3) || ' to '
                || round({{ check }}.value, 3) || ' since the run before: do not read probabilities as such until a later cutoff mends it.'
        when 'threshold_moved'
            then 'The bar of ' || {{ check }}.label || ' (' || {{ check }}.subject || ') moved from ' || round({{ check }}.reference_value, 3)
                || ' to ' || round({{ check }}.value, 3) || ' since the run before: the two runs do not call the same films good.'
        else 'In the last holdout year ' || {{ check }}.label || ' has a PR-AUC of ' || round({{ check }}.value, 3) || ', surely below the mean of '
            || round({{ check }}.reference_value, 3) || ' of the years before: train up to a later cutoff.'
    end
{%- endmacro %}
