-- Position 0 is the delivery itself, so that a file and its notices land in one transaction, whatever is killed when.
{{ config(
    materialized="incremental",
    full_refresh=false,
    tags=["state"],
    pre_hook="{{ open_breakdowns() }}",
    post_hook="{{ close_breakdowns() }}"
) }}

-- depends_on: {{ ref("column_aliases") }}
-- depends_on: {{ ref("column_aliases_local") }}

with deliveries as (
    select * from {{ source("pulse", "deliveries") }}
),

notices as (
    select * from {{ source("pulse", "notices") }}
),

final as (
    select
        deliveries.delivery_no::integer as delivery_no,
        0::bigint as position,
        getvariable('pulse_dataset')::varchar as dataset,
        deliveries.file_name,
        deliveries.revision::integer as revision,
        deliveries.is_repeat,
        deliveries.content_hash,
        deliveries.size_bytes::bigint as size_bytes,
        deliveries.modified_at,
        deliveries.file_problem,
        deliveries.file_detail,
        null::varchar as work_city,
        null::varchar as project_type,
        null::varchar as role_type,
        null::varchar as union_status,
        null::varchar as rate,
        null::varchar as role_description,
        null::varchar as breakdown_id,
        null::varchar as role_name,
        null::varchar as project_name,
        null::varchar as row_problem,
        null::varchar as payload,
        null::{{ views_type() }} as views,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from deliveries
    union all by name
    select
        notices.delivery_no,
        notices.position,
        notices.work_city,
        notices.project_type,
        notices.role_type,
        notices.union_status,
        notices.rate,
        notices.role_description,
        notices.breakdown_id,
        notices.role_name,
        notices.project_name,
        notices.row_problem,
        notices.payload,
        notices.views
    from notices
)

select * from final
