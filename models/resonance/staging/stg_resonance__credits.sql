with landed as (
    {{ landed_rows("credits") }}
),

final as (
    select
        landed.file_name,
        landed.position,
        landed.film_id,
        landed.person_id,
        lower(landed.job) as job,
        try_cast(landed.billing as integer) as billing
    from landed
)

select * from final
