{{ config(materialized="view") }}

with rows_kept as (
    select * from {{ ref("int_pulse__judge_rows") }}
    where reject_reason is null
),

deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
),

notices as (
    select * from {{ ref("int_pulse__classify_notices") }}
),

final as (
    select
        deliveries.file_name,
        deliveries.revision,
        rows_kept.position,
        rows_kept.notice_id,
        rows_kept.view_count,
        rows_kept.posted_at,
        rows_kept.posted_at::date as posted_on,
        notices.region_code,
        notices.proj_type_code,
        notices.is_lead,
        notices.union_status,
        notices.is_union,
        notices.is_ai,
        notices.rate_day_usd,
        notices.rate_reason,
        notices.rate_basis,
        notices.text_hash,
        notices.role_key,
        notices.project_key
    from rows_kept
    inner join deliveries
        on rows_kept.delivery_no = deliveries.delivery_no
    inner join notices
        on rows_kept.notice_id = notices.notice_id
)

select * from final
