with rows_kept as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null and trim(role_description) <> ''
),

texts as (
    select
        left(rows_kept.role_description, 20000) as text,
        max(length(rows_kept.role_description)) > 20000 as is_cut
    from rows_kept
    group by left(rows_kept.role_description, 20000)
),

final as (
    select
        {{ text_key("texts.text") }} as text_hash,
        texts.text,
        texts.is_cut
    from texts
)

select * from final
