with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
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

joined as (
    select
        notices.*,
        coalesce(places.code, 'UNKNOWN') as region_code,
        coalesce(project_types.code, 'V') as proj_type_code,
        coalesce(role_types.code in ('lead', 'principal'), false) as is_lead,
        coalesce(unions.code, 'unknown') as union_code,
        coalesce(texts.code, roles.code, projects.code) is not null as is_ai,
        rates.rate_day_usd,
        coalesce(rates.rate_reason, if(rates.rate_day_usd is null, 'missing', null)) as rate_reason,
        rates.rate_basis,
        coalesce(rates.is_bare_dollar, false) and {{ var("pulse_bare_dollar_is_local") }} as is_local_dollar
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
    {%- for name, field, column in [
        ("places", "place", "work_city"), ("project_types", "project_type", "project_type"), ("role_types", "role_type", "role_type"),
        ("unions", "union", "union_status"), ("texts", "theme", "role_description"), ("roles", "theme", "role_name"),
        ("projects", "theme", "project_name"),
    ] %}
        left join matched as {{ name }}
            on {{ name }}.field = '{{ field }}' and notices.{{ column }} = {{ name }}.value
    {%- endfor %}
    left join rates
        on notices.rate = rates.rate
),

priced as (
    select
        joined.*,
        joined.is_local_dollar and regions.currency_code <> 'USD' as is_foreign
    from joined
    left join regions
        on joined.region_code = regions.region_code
),

final as (
    select
        priced.notice_id,
        priced.region_code,
        priced.proj_type_code,
        priced.is_lead,
        priced.union_code as union_status,
        priced.union_code = 'union' or (priced.union_code = 'both' and {{ var("pulse_both_is_union") }}) as is_union,
        priced.is_ai,
        case when not priced.is_foreign then priced.rate_day_usd end as rate_day_usd,
        case when priced.is_foreign then 'foreign_currency' else priced.rate_reason end as rate_reason,
        case when not priced.is_foreign then priced.rate_basis end as rate_basis,
        case
            when {{ filled("priced.role_description") }} is not null then {{ text_key("left(priced.role_description, 20000)") }}
        end as text_hash,
        {{ role_key("priced") }} as role_key,
        {{ text_key("lower(" ~ filled("priced.project_name") ~ ")") }} as project_key
    from priced
)

select * from final
