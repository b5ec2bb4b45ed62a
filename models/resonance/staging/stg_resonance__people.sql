-- The first line of a person counts: a person without a name is shown by the id.
with landed as (
    {{ landed_rows("people") }}
),

final as (
    select
        landed.person_id,
        repair_text(arg_min(landed.name, landed.position)) as person_name
    from landed
    where landed.person_id is not null
    group by landed.person_id
)

select * from final
