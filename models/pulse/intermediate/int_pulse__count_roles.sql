-- A role counts once, with its first row, whatever order rows came in: then adding or removing one changes one bucket, by one.
{{ config(materialized="view") }}

with classified as (
    select * from {{ ref("int_pulse__classify_rows") }}
),

scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
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

sums as (
    select
        classified.posted_on,
        classified.region_code,
        classified.proj_type_code,
        {{ sums_of_rows(weight="1") }}
    from first_rows as classified
    left join scores
        on classified.text_hash = scores.text_hash
    group by classified.posted_on, classified.region_code, classified.proj_type_code
),

projects as (
    select
        first_rows.posted_on,
        first_rows.region_code,
        first_rows.proj_type_code,
        first_rows.project_key,
        count(*) as role_count
    from first_rows
    where first_rows.project_key is not null
    group by first_rows.posted_on, first_rows.region_code, first_rows.proj_type_code, first_rows.project_key
),

largest as (
    select
        projects.posted_on,
        projects.region_code,
        projects.proj_type_code,
        max(projects.role_count) as largest_project_role_count
    from projects
    group by projects.posted_on, projects.region_code, projects.proj_type_code
),

final as (
    select
        sums.posted_on as date_utc,
        sums.region_code,
        sums.proj_type_code,
        sums.row_count,
        sums.lead_count,
        sums.union_count,
        sums.ai_count,
        sums.text_count,
        sums.polarity_millionths_sum,
        sums.priced_count,
        sums.median_rate_usd,
        largest.largest_project_role_count
    from sums
    left join largest
        on
            sums.posted_on = largest.posted_on
            and sums.region_code = largest.region_code
            and sums.proj_type_code = largest.proj_type_code
)

select * from final
