-- Mode standard adds noise to the published figures, mode strict to the role counts that the figures are computed from.
-- depends_on: {{ ref("int_pulse__count_roles") }}
{% set is_strict = privacy_mode() == "strict" %}
-- Laplace scales. Standard: of a count, of shares in percentage points, of polarity. Strict: 1 / epsilon of each count.
{% set scales = {"count": 1.0, "share": 2.0, "sentiment": 2.0} if is_strict else standard_scales() %}
{% set noised_counts = {
    "role_count": scales.count, "lead_count": scales.share, "union_count": scales.share, "ai_count": scales.share,
    "largest_project_role_count": scales.share, "text_count": scales.sentiment, "polarity_millionths_sum": 1000000 * scales.sentiment,
} if is_strict else {} %}
{# Rounded after the noise is added: the last digits would otherwise reveal the true value. #}
{% set noised_columns = ["to_release.*"] %}
{% for integer, scale in noised_counts.items() %}
    {% do noised_columns.append(
        "(" ~ integer ~ " + " ~ half_even(scale ~ " * " ~ noise("strict", integer, [integer])) ~ ")::bigint as noisy_" ~ integer
    ) %}
{% endfor %}

with buckets as (
    select * from {{ ref("int_pulse__count_roles") if is_strict else ref("pulse_daily") }}
    where {{ "false" if privacy_mode() == "off" else "true" }}
),

closed as (
    select * from {{ ref("int_pulse__close_days") }}
),

to_release as (
    select buckets.*
    from buckets
    inner join closed
        on buckets.date_utc = closed.date_utc
),

noised as (
    select {{ noised_columns | join(", ") }}
    from to_release
),

drawn as (
    select
        noised.date_utc,
        noised.region_code,
        noised.proj_type_code,
        {% if is_strict %}
            noised.row_count,
            noised.noisy_role_count as noisy_row_count,
            {%- for part in ["lead", "union", "ai"] %}
                case
                    when noised.noisy_role_count >= 20 then 100 * noised.noisy_{{ part }}_count / noised.noisy_role_count
                end as {{ part }}_share_pct,
            {%- endfor %}
            noised.noisy_role_count as noisy_new_role_count,
            null::double as priced_share_pct,
            case when noised.priced_count >= 20 then noised.median_rate_day_usd end as published_rate_usd,
            case
                when noised.noisy_role_count >= 20 and noised.noisy_text_count >= 20
                    then noised.noisy_polarity_millionths_sum / (1000000 * noised.noisy_text_count)
            end as sentiment,
            case
                -- The limit is ten: with a hundred empty buckets a day, noise lifts one over it about every 270 days.
                when noised.noisy_role_count < 10 then 'too_few_rows'
                when noised.has_projects and 5 * noised.noisy_largest_project_role_count > 4 * noised.noisy_role_count then 'one_project'
            end as suppression_reason,
            1 / {{ scales.count }} + if(noised.has_projects, 6, 5) / {{ scales.share }} as epsilon,
            noised.has_projects as is_employer_checked
        {% else %}
            noised.role_count_day as row_count,
            {{ standard_draws("noised", "standard") }},
            {{ standard_suppression("noised") }} as suppression_reason,
            null as epsilon,
            noised.largest_project_role_count is not null as is_employer_checked
        {% endif %}
    from noised
),

final as (
    select
        drawn.date_utc,
        drawn.region_code,
        drawn.proj_type_code,
        {{ released_measures("drawn") }},
        drawn.suppression_reason,
        '{{ "strict" if is_strict else "standard" }}' as privacy_mode,
        'laplace' as mechanism,
        {{ scales.count }}::double as count_scale,
        {{ scales.share }}::double as share_scale,
        {{ scales.sentiment }}::double as sentiment_scale,
        drawn.epsilon::double as epsilon,
        drawn.is_employer_checked,
        drawn.row_count,
        pulse_key_id() as key_id
    from drawn
)

select * from final
