{% macro spark__new_scores() -%}
    select
        *,
        {{ half_even("polarity * 1000000") }}::bigint as polarity_millionths
    from (
        select
            text_hash,
            sentiment_model,
            model_version,
            score_text(text) as polarity
        from {{ ref("int_pulse__find_new_texts") }}
    ) as scored_texts
{%- endmacro %}

{% macro spark__chosen_scores_on_file() -%}
    {{ no_scores() }}
{%- endmacro %}

{% macro spark__write_scores_to_file() -%}
{%- endmacro %}
