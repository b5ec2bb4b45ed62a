-- Texts are matched and hashed once for each notice, then joined to its views. A table, because days, hours and roles all read it.

with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

rows_kept as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

matched as (
    select * from {{ ref("int_pulse__match_values") }}
),

regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

rates as (
    select distinct notices.rate
    from notices
    where notices.rate is not null
),

parsed as (
    select
        rates.rate,
        parse_rate(rates.rate, {{ number_var("pulse_rate_limit") }}) as parsed
    from rates
),

joined as (
    select
        notices.*,
        deliveries.file_name,
        deliveries.revision,
        coalesce(work_city_match.code, 'UNKNOWN') as region_code,
        coalesce(project_type_match.code, 'V') as proj_type_code,
        coalesce(role_type_match.code in ('lead', 'principal'), false) as is_lead,
        coalesce(union_status_match.code, 'unknown') as union_code,
        coalesce(role_description_match.code, role_name_match.code, project_name_match.code) is not null as is_ai,
        parsed.parsed,
        -- A bare $ in a region with another currency is that currency's.
        {{ var("pulse_bare_dollar_is_local") }}
        and coalesce(parsed.parsed.is_bare_dollar, false)
        and regions.currency_code <> 'USD' as is_foreign
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
    {%- for field, column in matched_columns() %}
        left join matched as {{ column }}_match
            on {{ column }}_match.field = '{{ field }}' and notices.{{ column }} = {{ column }}_match.value
    {%- endfor %}
    left join parsed
        on notices.rate = parsed.rate
    left join regions
        on regions.region_code = coalesce(work_city_match.code, 'UNKNOWN')
),

classified as (
    select
        joined.notice_id,
        joined.file_name,
        joined.revision,
        joined.region_code,
        joined.proj_type_code,
        joined.is_lead,
        joined.union_code as union_status,
        joined.union_code = 'union' or (joined.union_code = 'both' and {{ var("pulse_both_is_union") }}) as is_union,
        joined.is_ai,
        case when joined.is_foreign is not true then joined.parsed.rate_day_usd end as rate_day_usd,
        case
            when joined.is_foreign then 'foreign_currency'
            else coalesce(joined.parsed.rate_reason, if(joined.parsed.rate_day_usd is null, 'missing', null))
        end as rate_reason,
        case when joined.is_foreign is not true then joined.parsed.rate_basis end as rate_basis,
        case
            when {{ filled("joined.role_description") }} is not null then {{ text_key("left(joined.role_description, 20000)") }}
        end as text_hash,
        {{ role_key("joined") }} as role_key,
        {{ text_key("lower(" ~ filled("joined.project_name") ~ ")") }} as project_key
    from joined
),

final as (
    select
        classified.file_name,
        classified.revision,
        rows_kept.position,
        rows_kept.notice_id,
        rows_kept.view_count,
        rows_kept.posted_at,
        rows_kept.posted_at::date as posted_on,
        classified.region_code,
        classified.proj_type_code,
        classified.is_lead,
        classified.union_status,
        classified.is_union,
        classified.is_ai,
        classified.rate_day_usd,
        classified.rate_reason,
        classified.rate_basis,
        classified.text_hash,
        classified.role_key,
        classified.project_key
    from rows_kept
    inner join classified
        on rows_kept.notice_id = classified.notice_id
)

select * from final
