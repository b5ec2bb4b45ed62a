-- A role counts once, with its first row, whatever order rows came in: then adding or removing one changes one bucket, by one.
-- Every bucket there could be is listed, also the empty ones: whether a bucket appears would tell of its only role otherwise.
{{ config(materialized="view") }}

with classified as (
    select * from {{ ref("int_pulse__classify_rows") }}
),

scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
),

daily as (
    select * from {{ ref("pulse_daily") }}
),

regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

first_rows as (
    select *
    from classified
    qualify row_number() over (
        partition by role_key
        order by
            posted_at asc nulls last, region_code asc nulls last, proj_type_code asc nulls last, is_lead asc nulls last,
            is_union asc nulls last, is_ai asc nulls last, text_hash asc nulls last, rate_day_usd asc nulls last, project_key asc nulls last
    ) = 1
),

sized as (
    select
        first_rows.*,
        case
            when first_rows.project_key is not null
                then count(*) over (
                    partition by first_rows.posted_on, first_rows.region_code, first_rows.proj_type_code, first_rows.project_key
                )
        end as project_role_count
    from first_rows
),

sums as (
    select
        classified.posted_on,
        classified.region_code,
        classified.proj_type_code,
        max(classified.project_role_count) as largest_project_role_count,
        {{ sums_of_rows(weight="1") }}
    from sized as classified
    left join scores
        on classified.text_hash = scores.text_hash
    group by classified.posted_on, classified.region_code, classified.proj_type_code
),

projects as (
    select count(sums.largest_project_role_count) > 0 as has_projects from sums
),

buckets as (
    select
        every_day.date_utc,
        regions.region_code,
        every_type.proj_type_code,
        projects.has_projects
    from (select distinct daily.date_utc from daily) as every_day
    cross join regions
    cross join (values ('C'), ('F'), ('T'), ('V')) as every_type (proj_type_code)
    cross join projects
),

final as (
    select
        buckets.date_utc,
        buckets.region_code,
        buckets.proj_type_code,
        buckets.has_projects,
        coalesce(daily.role_count_day, 0) as row_count,
        coalesce(sums.row_count, 0) as role_count,
        coalesce(sums.lead_count, 0) as lead_count,
        coalesce(sums.union_count, 0) as union_count,
        coalesce(sums.ai_count, 0) as ai_count,
        coalesce(sums.text_count, 0) as text_count,
        coalesce(sums.polarity_millionths_sum, 0) as polarity_millionths_sum,
        coalesce(sums.priced_count, 0) as priced_count,
        coalesce(sums.largest_project_role_count, 0) as largest_project_role_count,
        {{ to_25("sums.median_rate_usd") }} as median_rate_day_usd
    from buckets
    left join sums
        on
            buckets.date_utc = sums.posted_on
            and buckets.region_code = sums.region_code
            and buckets.proj_type_code = sums.proj_type_code
    left join daily
        on
            buckets.date_utc = daily.date_utc
            and buckets.region_code = daily.region_code
            and buckets.proj_type_code = daily.proj_type_code
)

select * from final
