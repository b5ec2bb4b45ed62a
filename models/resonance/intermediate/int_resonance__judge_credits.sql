with credits as (
    select * from {{ ref("stg_resonance__credits") }}
),

films as (
    select * from {{ ref("int_resonance__judge_films") }}
    where reject_reason is null
),

judged_alone as (
    select
        credits.*,
        case
            when credits.person_id is null then 'person_missing'
            when coalesce(credits.job not in ('cast', 'director'), true) then 'job_unknown'
            when films.film_id is null then 'film_unknown'
        end as own_reason
    from credits
    left join films
        on credits.film_id = films.film_id
),

judged as (
    select
        judged_alone.*,
        coalesce(judged_alone.own_reason, case
            when row_number() over (
                partition by judged_alone.film_id, judged_alone.job, judged_alone.person_id, judged_alone.own_reason
                order by judged_alone.billing nulls last, judged_alone.position, judged_alone.file_name
            ) > 1 then 'duplicate'
        end) as reject_reason
    from judged_alone
),

final as (
    select
        judged.file_name,
        judged.position,
        judged.film_id,
        judged.person_id,
        judged.person_name,
        judged.job,
        case
            when judged.reject_reason is null
                then row_number() over (
                    partition by judged.film_id, judged.job, judged.reject_reason
                    order by judged.billing nulls last, judged.position, judged.file_name
                )::integer
        end as bill_order,
        judged.reject_reason,
        nullif(concat_ws(
            ',',
            case when judged.billing is null then 'billing_unknown' end,
            case
                when judged.job = 'director' and judged.reject_reason is null and count(*) over (
                    partition by judged.film_id, judged.job, judged.reject_reason
                ) > 1 then 'several_directors'
            end
        ), '') as flags
    from judged
)

select * from final
