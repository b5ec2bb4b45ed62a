with genres as (
    select * from {{ ref("genres") }}
),

final as (
    select
        lower(trim(genres.label)) as genre_label,
        nullif(trim(genres.genre), '') as genre
    from genres
)

select * from final
