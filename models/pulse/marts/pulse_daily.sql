with classified as (
    select * from {{ ref("int_pulse__classify_rows") }}
),

scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
),

sums as (
    select
        classified.posted_on,
        classified.region_code,
        classified.proj_type_code,
        {{ sums_of_rows() }}
    from classified
    left join scores
        on classified.text_hash = scores.text_hash
    group by classified.posted_on, classified.region_code, classified.proj_type_code
),

-- Views of one role are one role, and it belongs to one project, whatever its rows say.
roles as (
    select
        classified.posted_on,
        classified.region_code,
        classified.proj_type_code,
        classified.role_key,
        min(classified.project_key) as project_key,
        bool_or(classified.text_hash is not null) as has_text,
        bool_or(classified.rate_day_usd is not null) as has_rate
    from classified
    group by classified.posted_on, classified.region_code, classified.proj_type_code, classified.role_key
),

projects as (
    select
        roles.posted_on,
        roles.region_code,
        roles.proj_type_code,
        roles.project_key,
        count(*) as role_count,
        count(*) filter (where roles.has_text) as text_role_count,
        count(*) filter (where roles.has_rate) as priced_role_count
    from roles
    group by roles.posted_on, roles.region_code, roles.proj_type_code, roles.project_key
),

role_sums as (
    select
        projects.posted_on,
        projects.region_code,
        projects.proj_type_code,
        sum(projects.role_count) as role_count,
        sum(projects.text_role_count) as text_role_count,
        sum(projects.priced_role_count) as priced_role_count,
        max(projects.role_count) filter (where projects.project_key is not null) as largest_project_role_count
    from projects
    group by projects.posted_on, projects.region_code, projects.proj_type_code
),

final as (
    select
        sums.posted_on::date as date_utc,
        sums.region_code::string as region_code,
        sums.proj_type_code::string as proj_type_code,
        {{ exact_measures("sums") }},
        sums.lead_count::bigint as lead_count,
        sums.union_count::bigint as union_count,
        sums.ai_count::bigint as ai_count,
        sums.text_count::bigint as text_count,
        sums.polarity_millionths_sum::bigint as polarity_millionths_sum,
        sums.priced_count::bigint as priced_count,
        role_sums.role_count::bigint as distinct_role_count,
        if(sums.text_count > 0, role_sums.text_role_count, 0)::bigint as text_role_count,
        role_sums.priced_role_count::bigint as priced_role_count,
        role_sums.largest_project_role_count::bigint as largest_project_role_count
    from sums
    inner join role_sums
        on
            sums.posted_on = role_sums.posted_on
            and sums.region_code = role_sums.region_code
            and sums.proj_type_code = role_sums.proj_type_code
)

select * from final
