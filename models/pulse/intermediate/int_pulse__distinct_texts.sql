with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
    where {{ filled("role_description") }} is not null
),

texts as (
    select
        left(notices.role_description, 20000) as text,
        max(length(notices.role_description)) > 20000 as is_cut
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
    group by left(notices.role_description, 20000)
),

final as (
    select
        {{ text_key("texts.text") }} as text_hash,
        texts.text,
        texts.is_cut
    from texts
)

select * from final
