with rows_kept as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null
),

matched as (
    select * from {{ ref("int_pulse__match_values") }}
),

rates as (
    select * from {{ ref("int_pulse__parse_rates") }}
),

regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

texts as (
    select * from {{ ref("int_pulse__distinct_texts") }}
),

joined as (
    select
        rows_kept.*,
        texts.text_hash,
        coalesce(places.code, 'UNKNOWN') as region_code,
        coalesce(project_types.code, 'V') as proj_type_code,
        coalesce(role_types.code, 'other') in ('lead', 'principal') as is_lead,
        coalesce(unions.code, 'unknown') as union_status_code,
        coalesce(texts_named.code, roles_named.code, projects_named.code) is not null as is_ai,
        rates.rate_day_usd as rate_found,
        rates.rate_reason as reason_found,
        rates.rate_basis as basis_found,
        rates.is_bare_dollar
    from rows_kept
    left join texts
        on left(rows_kept.role_description, 20000) = texts.text
    left join matched as places
        on rows_kept.work_city = places.value and places.field = 'place'
    left join matched as project_types
        on rows_kept.project_type = project_types.value and project_types.field = 'project_type'
    left join matched as role_types
        on rows_kept.role_type = role_types.value and role_types.field = 'role_type'
    left join matched as unions
        on rows_kept.union_status = unions.value and unions.field = 'union'
    left join matched as texts_named
        on texts.text = texts_named.value and texts_named.field = 'theme'
    left join matched as roles_named
        on rows_kept.role_name = roles_named.value and roles_named.field = 'theme'
    left join matched as projects_named
        on rows_kept.project_name = projects_named.value and projects_named.field = 'theme'
    left join rates
        on rows_kept.rate = rates.rate
),

priced as (
    select
        joined.*,
        coalesce(joined.is_bare_dollar and regions.currency_code <> 'USD', false)
        and {{ var("pulse_bare_dollar_is_local") }} as is_foreign
    from joined
    left join regions
        on joined.region_code = regions.region_code
),

final as (
    select
        priced.file_name,
        priced.revision,
        priced.position,
        priced.posted_at,
        priced.posted_at::date as posted_on,
        priced.region_code,
        priced.proj_type_code,
        priced.is_lead,
        priced.union_status_code as union_status,
        priced.union_status_code = 'union' or (priced.union_status_code = 'both' and {{ var("pulse_both_is_union") }}) as is_union,
        priced.is_ai,
        case when not priced.is_foreign then priced.rate_found end as rate_day_usd,
        case
            when priced.rate_found is not null and priced.is_foreign then 'foreign_currency'
            when priced.rate_found is null then coalesce(priced.reason_found, 'missing')
        end as rate_reason,
        case when not priced.is_foreign then priced.basis_found end as rate_basis,
        priced.text_hash,
        case
            when trim(priced.breakdown_id) <> '' then {{ text_key("'id|' || trim(priced.breakdown_id)") }}
            when trim(priced.project_name) <> '' and trim(priced.role_name) <> ''
                then {{ text_key("'name|' || trim(priced.project_name) || '|' || trim(priced.role_name)") }}
            else {{ text_key("concat_ws('|', 'text', coalesce(priced.role_description, ''), coalesce(priced.work_city, ''), coalesce(priced.rate, ''))") }}
        end as role_key,
        case when trim(priced.project_name) <> '' then {{ text_key("lower(trim(priced.project_name))") }} end as project_key
    from priced
)

select * from final
