{{ config(materialized="view") }}

with notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

final as (
    {%- for field, column in [
        ("place", "work_city"), ("project_type", "project_type"), ("role_type", "role_type"), ("union", "union_status"),
        ("theme", "role_description"), ("theme", "role_name"), ("theme", "project_name"),
    ] %}
        select
            notices.notice_id,
            '{{ field }}' as field,
            notices.{{ column }} as value
        from notices
        where notices.{{ column }} is not null
        {{ "union all" if not loop.last }}
    {%- endfor %}
)

select * from final
