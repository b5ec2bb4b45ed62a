-- A later copy of an asset within a window replaces the earlier one; windows that end before it keep what was true then.
{{ config(materialized="view") }}

with windows as (
    select * from {{ ref("int_percentiles__define_windows") }}
),

records as (
    select * from {{ ref("int_percentiles__judge_records") }}
    where reject_reason is null
),

repeats as (
    select * from {{ ref("int_percentiles__find_repeats") }}
    where asset_id is not null
),

final as (
    select
        windows.iteration,
        windows.fingerprint,
        records.batch_no,
        windows.age,
        records.asset_id,
        records.industry,
        records.score
    from records
    inner join windows
        on
            records.batch_no = windows.batch_no
            and records.fingerprint = windows.delivery_fingerprint
    left join repeats
        on
            records.asset_id = repeats.asset_id
            and records.batch_no = repeats.earlier_batch_no
            and windows.iteration >= repeats.batch_no
    where repeats.asset_id is null
)

select * from final
