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

{# A role is new in the bucket where it is first seen, and in no other: the new roles of all buckets add up to all roles. #}
{% macro is_new_role() -%}
    row_number() over (partition by role_key order by posted_on asc nulls last, region_code asc nulls last, proj_type_code asc nulls last) = 1
{%- endmacro %}

{# What a cell holds: sums of its rows, and how many roles, which views do not multiply. A role belongs to one project. Needs `scores`. #}
{% macro cell_figures(rows_, cell, is_new) -%}
    select
        sums.*,
        sums.row_count as role_count_day,
        {{ to_25("sums.median_rate_usd") }} as median_rate_day_usd,
        counted.distinct_role_count,
        if(sums.text_count > 0, counted.text_role_count, 0) as text_role_count,
        counted.priced_role_count,
        counted.largest_project_role_count,
        counted.new_role_count
    from (
        select {% for column in cell %}classified.{{ column }}, {% endfor %}{{ sums_of_rows() }}
        from {{ rows_ }} as classified
        left join scores
            on classified.text_hash = scores.text_hash
        group by {% for column in cell %}classified.{{ column }}{{ ", " if not loop.last }}{% endfor %}
    ) as sums
    inner join (
        select
            {{ cell | join(", ") }},
            sum(role_count) as distinct_role_count,
            sum(text_role_count) as text_role_count,
            sum(priced_role_count) as priced_role_count,
            sum(new_role_count) as new_role_count,
            max(role_count) filter (where project_key is not null) as largest_project_role_count
        from (
            select
                {{ cell | join(", ") }},
                project_key,
                count(*) as role_count,
                count(*) filter (where has_text) as text_role_count,
                count(*) filter (where has_rate) as priced_role_count,
                count(*) filter (where is_new) as new_role_count
            from (
                select
                    {{ cell | join(", ") }},
                    role_key,
                    min(project_key) as project_key,
                    bool_or(text_hash is not null) as has_text,
                    bool_or(rate_day_usd is not null) as has_rate,
                    {{ is_new }} as is_new
                from {{ rows_ }}
                group by {{ cell | join(", ") }}, role_key
            ) as roles
            group by {{ cell | join(", ") }}, project_key
        ) as projects
        group by {{ cell | join(", ") }}
    ) as counted
        on {% for column in cell %}sums.{{ column }} = counted.{{ column }}{{ " and " if not loop.last }}{% endfor %}
{%- endmacro %}

{# Why mode standard holds a cell back: the same rule for a day's bucket and for every remainder. #}
{% macro standard_suppression(cell) -%}
    case
        when {{ cell }}.role_count_day < 5 then 'too_few_rows'
        when {{ cell }}.distinct_role_count < 5 then 'too_few_roles'
        when 5 * {{ cell }}.largest_project_role_count > 4 * {{ cell }}.distinct_role_count then 'one_project'
    end
{%- endmacro %}

{# What mode standard shows of a cell before it is rounded, with noise. The level is among the facts of each draw: a day and a week are two cells. #}
{% macro standard_draws(cell, level) -%}
    {%- set scales = standard_scales() -%}
    greatest(5, {{ half_even("role_count_day + " ~ noise(level, "count", ["role_count_day"])) }}) as noisy_row_count,
    {%- for part in ["lead", "union", "ai", "priced"] %}
        100 * {{ cell }}.{{ part }}_count / {{ cell }}.role_count_day
        + {{ scales.share }} * {{ noise(level, part, ["role_count_day", part ~ "_count"]) }} as {{ part }}_share_pct,
    {%- endfor %}
        -- Not cut off at 0: sums of many cells would come out too high.
        {{ half_even("new_role_count + " ~ noise(level, "new", ["role_count_day", "new_role_count"])) }} as noisy_new_role_count,
        case when {{ cell }}.priced_role_count >= 5 then {{ cell }}.median_rate_day_usd end as published_rate_usd,
        -- The mean of fewer than five roles' texts is theirs.
        case
            when {{ cell }}.text_role_count >= 5
                then
                    {{ cell }}.polarity_millionths_sum / (1000000 * {{ cell }}.text_count)
                    + {{ scales.sentiment }} * {{ noise(level, "sentiment", ["text_count", "polarity_millionths_sum"]) }}
        end as sentiment
{%- endmacro %}

{# Laplace scales of mode standard: for a count, for shares in percentage points and for polarity. #}
{% macro standard_scales() -%}
    {{ return({"count": 1.0, "share": 1.0, "sentiment": 0.02}) }}
{%- endmacro %}

{# What is published of a draw, rounded, under the mission's names and ours. #}
{% macro released_measures(drawn) -%}
    {{ drawn }}.noisy_row_count::bigint as role_count_day,
        {{ clamped_share(drawn ~ ".lead_share_pct") }}::double as lead_share_pct_day,
        {{ clamped_share(drawn ~ ".union_share_pct") }}::double as union_share_pct_day,
        {{ drawn }}.published_rate_usd::bigint as median_rate_day_usd,
        case
            when {{ drawn }}.sentiment is not null then {{ half_even("20 * least(1, greatest(-1, " ~ drawn ~ ".sentiment))") }} / 20 + 0.0
        end::double as sentiment_avg_day,
        {{ clamped_share(drawn ~ ".ai_share_pct") }}::double as theme_ai_share_pct_day,
        {{ drawn }}.noisy_new_role_count::bigint as new_role_count,
        {{ clamped_share(drawn ~ ".priced_share_pct") }}::double as priced_share_pct
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
