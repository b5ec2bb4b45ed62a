{#
    The scores of each population (`here`) beside those of its baseline (`there`), so that one order serves every measure. Of CTEs named populations,
    curve, assets, baselines and baseline_scores: a view over all populations would read the whole history for the one that is new.
#}
{% macro population_scores() -%}
    select
        populations.scope,
        populations.batch_no,
        populations.fingerprint,
        curve.industry,
        curve.score,
        curve.equal_count as here,
        0 as there
    from curve
    inner join populations
        on
            curve.fingerprint = populations.source_fingerprint
            and populations.scope = 'window'
    union all
    select
        populations.scope,
        populations.batch_no,
        populations.fingerprint,
        assets.industry,
        assets.score,
        1 as here,
        0 as there
    from assets
    inner join populations
        on
            assets.batch_no = populations.batch_no
            and populations.scope = 'batch'
    union all
    select
        populations.scope,
        populations.batch_no,
        populations.fingerprint,
        baseline_scores.industry,
        baseline_scores.score,
        0 as here,
        baseline_scores.score_count as there
    from populations
    inner join baselines
        on populations.batch_no = baselines.batch_no
    inner join baseline_scores
        on baselines.baseline_fingerprint = baseline_scores.fingerprint
{%- endmacro %}
