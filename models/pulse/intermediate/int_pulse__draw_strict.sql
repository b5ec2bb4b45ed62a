-- Every bucket there could be is drawn, also the empty ones: whether a bucket appears would tell of its only role otherwise.
{% set roles_epsilon = 1.0 %}
{% set part_epsilon = 0.5 %}

with counted as (
    select * from {{ ref("int_pulse__count_roles") }}
),

closed as (
    select * from {{ ref("int_pulse__close_days") }}
    where {{ "true" if privacy_mode() == "strict" else "false" }}
),

daily as (
    select * from {{ ref("int_pulse__sum_days") }}
),

regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

types as (
    select listed.proj_type_code from (values ('C'), ('F'), ('T'), ('V')) as listed (proj_type_code)
),

projects as (
    select count(counted.largest_project_role_count) > 0 as has_projects from counted
),

domain as (
    select
        closed.date_utc,
        regions.region_code,
        types.proj_type_code,
        projects.has_projects
    from closed
    cross join regions
    cross join types
    cross join projects
),

buckets as (
    select
        domain.*,
        counted.median_rate_usd,
        coalesce(daily.role_count_day, 0) as row_count,
        coalesce(counted.row_count, 0) as role_count,
        coalesce(counted.lead_count, 0) as lead_count,
        coalesce(counted.union_count, 0) as union_count,
        coalesce(counted.ai_count, 0) as ai_count,
        coalesce(counted.text_count, 0) as text_count,
        coalesce(counted.polarity_millionths_sum, 0) as polarity_millionths_sum,
        coalesce(counted.priced_count, 0) as priced_count,
        coalesce(counted.largest_project_role_count, 0) as largest_project_role_count
    from domain
    left join counted
        on
            domain.date_utc = counted.date_utc
            and domain.region_code = counted.region_code
            and domain.proj_type_code = counted.proj_type_code
    left join daily
        on
            domain.date_utc = daily.date_utc
            and domain.region_code = daily.region_code
            and domain.proj_type_code = daily.proj_type_code
),

drawn as (
    select
        buckets.*,
        {{ noisy_count("role_count", roles_epsilon) }} as noisy_role_count,
        {{ noisy_count("lead_count", part_epsilon) }} as noisy_lead_count,
        {{ noisy_count("union_count", part_epsilon) }} as noisy_union_count,
        {{ noisy_count("ai_count", part_epsilon) }} as noisy_ai_count,
        {{ noisy_count("text_count", part_epsilon) }} as noisy_text_count,
        {{ noisy_count("polarity_millionths_sum", part_epsilon, sensitivity=1000000) }} as noisy_polarity_millionths_sum,
        {{ noisy_count("largest_project_role_count", part_epsilon) }} as noisy_largest_project_role_count
    from buckets
),

final as (
    select
        drawn.date_utc,
        drawn.region_code,
        drawn.proj_type_code,
        drawn.noisy_role_count as role_count_day,
        {{ noisy_share("drawn.noisy_lead_count") }} as lead_share_pct_day,
        {{ noisy_share("drawn.noisy_union_count") }} as union_share_pct_day,
        case when drawn.priced_count >= 20 then {{ to_25("drawn.median_rate_usd") }} end as median_rate_day_usd,
        case
            when drawn.noisy_role_count >= 20 and drawn.noisy_text_count >= 20
                then {{ to_005(clamped("drawn.noisy_polarity_millionths_sum / (1000000 * drawn.noisy_text_count)", -1, 1)) }}
        end as sentiment_avg_day,
        {{ noisy_share("drawn.noisy_ai_count") }} as theme_ai_share_pct_day,
        case
            -- Ten: of a hundred empty buckets a day, noise lifts one over it every 270 days.
            when drawn.noisy_role_count < 10 then 'too_few_rows'
            when drawn.has_projects and 5 * drawn.noisy_largest_project_role_count > 4 * drawn.noisy_role_count then 'one_project'
        end as suppression_reason,
        'strict' as privacy_mode,
        'laplace' as mechanism,
        {{ 1 / roles_epsilon }}::double as count_scale,
        {{ 1 / part_epsilon }}::double as share_scale,
        {{ 1 / part_epsilon }}::double as sentiment_scale,
        {{ roles_epsilon }} + {{ part_epsilon }} * if(drawn.has_projects, 6, 5) as epsilon,
        drawn.has_projects as is_employer_checked,
        drawn.row_count,
        pulse_key_id() as key_id
    from drawn
)

select * from final
