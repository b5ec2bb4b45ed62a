{# off | standard | strict. YAML reads a bare off as false. #}
{% macro privacy_mode() -%}
    {%- if var("pulse_privacy") is sameas false -%}
        {{ return("off") }}
    {%- endif -%}
    {{ return(choice_var("pulse_privacy", ["off", "standard", "strict"])) }}
{%- endmacro %}

{#
    A draw of Laplace(0, 1) for one measure of one bucket. Its facts are the bucket, the measure and the integers that the true figure is made of,
    and nothing else: whoever could vary one more could draw again, and average. Only integers, because the last bit of a sum of doubles depends on
    the number of threads. The mode is in it because its scales differ: one draw at two scales would give the figure away.
#}
{% macro noise(mode, measure, integers) -%}
    pulse_noise(concat_ws('|', '{{ mode }}', '{{ measure }}', date_utc::string, region_code, proj_type_code
        {%- for integer in integers %}, coalesce(({{ integer }})::bigint::string, '~'){% endfor %}))
{%- endmacro %}

{# A number to the nearest integer, a half to the even one. The engines' own functions for it have other names on each. #}
{% macro half_even(number) -%}
    case when abs({{ number }}) - floor(abs({{ number }})) = 0.5 then 2 * round(({{ number }}) / 2) else round({{ number }}) end
{%- endmacro %}

{# To the nearest 25, half to even: 12.5 gives 0, 37.5 and 62.5 give 50. #}
{% macro to_25(dollars) -%}
    ({{ half_even(dollars ~ " / 25.0") }} * 25)::bigint
{%- endmacro %}

{# A share with noise, in percent: put between 0 and 100, to one decimal; null stays null, which least and greatest would pass over. #}
{% macro clamped_share(percent) -%}
    case when {{ percent }} is not null then {{ half_even("10 * least(100, greatest(0, " ~ percent ~ "))") }} / 10 + 0.0 end
{%- endmacro %}

{# The exact measures of a bucket from its sums, in the order and under the names of the mission. #}
{% macro exact_measures(sums) -%}
    {{ sums }}.row_count::bigint as role_count_day,
        ({{ half_even("1000 * " ~ sums ~ ".lead_count / " ~ sums ~ ".row_count") }} / 10)::double as lead_share_pct_day,
        ({{ half_even("1000 * " ~ sums ~ ".union_count / " ~ sums ~ ".row_count") }} / 10)::double as union_share_pct_day,
        {{ to_25(sums ~ ".median_rate_usd") }} as median_rate_day_usd,
        ({{ half_even(sums ~ ".polarity_millionths_sum / (50000 * " ~ sums ~ ".text_count)") }} / 20 + 0.0)::double as sentiment_avg_day,
        ({{ half_even("1000 * " ~ sums ~ ".ai_count / " ~ sums ~ ".row_count") }} / 10)::double as theme_ai_share_pct_day
{%- endmacro %}

{# Sums of classified rows (`classified`) with their scores (`scores`), to be grouped by the bucket. A row weighs as many views as it stands for. #}
{% macro sums_of_rows(weight="classified.view_count") -%}
    sum({{ weight }})::bigint as row_count,
        coalesce(sum({{ weight }}) filter (where classified.is_lead), 0)::bigint as lead_count,
        coalesce(sum({{ weight }}) filter (where classified.is_union), 0)::bigint as union_count,
        coalesce(sum({{ weight }}) filter (where classified.is_ai), 0)::bigint as ai_count,
        coalesce(sum({{ weight }}) filter (where scores.polarity_millionths is not null), 0)::bigint as text_count,
        sum({{ weight }} * scores.polarity_millionths)::bigint as polarity_millionths_sum,
        coalesce(sum({{ weight }}) filter (where classified.rate_day_usd is not null), 0)::bigint as priced_count,
        {{ weighted_median("classified.rate_day_usd", weight) }} as median_rate_usd
{%- endmacro %}

{# Writes what a release was, in the transaction that makes it. Days that the log already holds are frozen. #}
{% macro log_release(draft, log) -%}
    insert into {{ log }} by name
    select
        draft.date_utc,
        draft.region_code,
        draft.proj_type_code,
        draft.privacy_mode,
        draft.suppression_reason,
        draft.mechanism,
        draft.count_scale,
        draft.share_scale,
        draft.sentiment_scale,
        draft.epsilon,
        draft.is_employer_checked,
        draft.row_count,
        draft.key_id,
        {{ run_started_timestamp() }} as released_at,
        '{{ invocation_id }}' as run_id,
        1 + (select count(distinct earlier.reopened_at) from {{ log }} as earlier where earlier.date_utc = draft.date_utc) as revision,
        cast(null as timestamp) as reopened_at
    from {{ draft }} as draft
    where
        draft.date_utc not in (select date_utc from {{ log }} where reopened_at is null)
        and (draft.row_count > 0 or draft.suppression_reason is null)
{%- endmacro %}

{# A day whose rows a killed run wrote without its log is no release: it goes, and is released anew. DuckDB writes both in one transaction. #}
{% macro drop_unlogged_days(log) -%}
    {{ adapter.dispatch("drop_unlogged_days")(log) }}
{%- endmacro %}

{% macro duckdb__drop_unlogged_days(log) -%}
{%- endmacro %}
