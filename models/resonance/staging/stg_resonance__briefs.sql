{% set fields = [
    "label", "year", "budget", "genres", "bill_order", "roles", "director", "top", "min_credits", "max_credits", "active_within_years",
    "actor_genres", "must_have", "excluded",
] %}

with briefs as (
    select * from {{ ref("briefs") }}
),

final as (
    select
        briefs.position::bigint as brief_no
        {%- for field in fields %},
        nullif(trim(briefs.{{ field }}), '') as {{ field }}
        {%- endfor %}
    from briefs
)

select * from final
