{% set share_scale = 1 %}  -- percentage points
{% set sentiment_scale = 0.02 %}

with daily as (
    select * from {{ ref("int_pulse__sum_days") }}
    where {{ "true" if privacy_mode() == "standard" else "false" }}
),

closed as (
    select * from {{ ref("int_pulse__close_days") }}
),

judged as (
    select
        daily.*,
        case
            when daily.role_count_day < 5 then 'too_few_rows'
            when daily.distinct_role_count < 5 then 'too_few_roles'
            when 5 * daily.largest_project_role_count > 4 * daily.distinct_role_count then 'one_project'
        end as suppression_reason
    from daily
    inner join closed
        on daily.date_utc = closed.date_utc
),

drawn as (
    select
        judged.*,
        {{ noise("standard", "count", ["role_count_day"]) }} as count_noise,
        {{ share_scale }} * {{ noise("standard", "lead", ["role_count_day", "lead_count"]) }} as lead_noise,
        {{ share_scale }} * {{ noise("standard", "union", ["role_count_day", "union_count"]) }} as union_noise,
        {{ share_scale }} * {{ noise("standard", "ai", ["role_count_day", "ai_count"]) }} as ai_noise,
        {{ sentiment_scale }} * {{ noise("standard", "sentiment", ["text_count", "polarity_millionths_sum"]) }} as sentiment_noise
    from judged
),

final as (
    select
        drawn.date_utc,
        drawn.region_code,
        drawn.proj_type_code,
        greatest(5, {{ half_even("drawn.role_count_day + drawn.count_noise") }})::bigint as role_count_day,
        {{ one_decimal(clamped("100 * drawn.lead_count / drawn.role_count_day + drawn.lead_noise", 0, 100)) }} as lead_share_pct_day,
        {{ one_decimal(clamped("100 * drawn.union_count / drawn.role_count_day + drawn.union_noise", 0, 100)) }} as union_share_pct_day,
        case when drawn.priced_role_count >= 5 then drawn.median_rate_day_usd end as median_rate_day_usd,
        -- The mean of fewer than five roles' texts is theirs.
        case
            when drawn.text_role_count >= 5
                then {{ to_005(clamped(
                    "drawn.polarity_millionths_sum / (1000000 * drawn.text_count) + drawn.sentiment_noise", -1, 1
                )) }}
        end as sentiment_avg_day,
        {{ one_decimal(clamped("100 * drawn.ai_count / drawn.role_count_day + drawn.ai_noise", 0, 100)) }} as theme_ai_share_pct_day,
        drawn.suppression_reason,
        'standard' as privacy_mode,
        'laplace' as mechanism,
        1::double as count_scale,
        {{ share_scale }}::double as share_scale,
        {{ sentiment_scale }}::double as sentiment_scale,
        null::double as epsilon,
        drawn.largest_project_role_count is not null as is_employer_checked,
        drawn.role_count_day as row_count,
        pulse_key_id() as key_id
    from drawn
)

select * from final
