with landed as (
    select * from {{ ref("stg_percentiles__landed") }}
    where position = 0 and not is_repeat
),

fingerprinted as (
    select
        landed.dataset,
        landed.file_name,
        landed.batch_no,
        landed.revision,
        landed.content_hash,
        landed.file_problem,
        landed.landed_at,
        landed.run_id,
        {{ fingerprint(
            inputs=["landed.batch_no", "landed.content_hash"],
            vars=["percentiles_score_limit"],
            seeds=[ref("stg_percentiles__industries")],
            logic=["int_percentiles__judge_records"],
        ) }} as fingerprint
    from landed
),

ranked as (
    select
        fingerprinted.*,
        fingerprinted.revision = max(fingerprinted.revision) over (partition by fingerprinted.file_name) as is_newest,
        -- An unreadable delivery replaces nothing: the newest readable one of the file stays in force.
        fingerprinted.file_problem is null and row_number() over (
            partition by fingerprinted.file_name
            order by fingerprinted.file_problem is not null nulls last, fingerprinted.revision desc nulls last
        ) = 1 as is_newest_readable,
        row_number() over (
            partition by fingerprinted.fingerprint
            order by fingerprinted.file_name nulls last, fingerprinted.revision nulls last
        ) = 1 as is_first_of_content
    from fingerprinted
),

owned as (
    select
        ranked.*,
        -- batch_7.json and batch_07.json claim one number: the plain name owns it, in whatever order they came.
        ranked.is_newest_readable and row_number() over (
            partition by ranked.batch_no
            order by
                not ranked.is_newest_readable nulls last, length(ranked.file_name) nulls last,
                ranked.file_name asc nulls last, ranked.revision desc nulls last
        ) = 1 as is_in_force
    from ranked
),

final as (
    select
        owned.dataset,
        owned.file_name,
        owned.batch_no,
        owned.revision,
        owned.content_hash,
        owned.landed_at,
        owned.run_id,
        owned.fingerprint,
        owned.is_first_of_content,
        owned.is_newest,
        owned.is_in_force,
        case
            when owned.file_problem is not null then owned.file_problem
            when owned.is_newest_readable and not owned.is_in_force then 'batch_number_taken'
        end as reject_reason
    from owned
)

select * from final
