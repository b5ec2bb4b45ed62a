-- Position 0 is the delivery itself, so that a file and its notices land in one transaction, whatever is killed when.
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    full_refresh=false,
    tags=["state"],
    pre_hook="{{ open_breakdowns() if target.type == 'duckdb' }}"
) }}

-- depends_on: {{ ref("column_aliases") }}

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
        {{ landed_dataset() }} as dataset,
        deliveries.file_name,
        deliveries.revision::integer as revision,
        deliveries.is_repeat,
        deliveries.content_hash,
        deliveries.size_bytes::bigint as size_bytes,
        deliveries.modified_at,
        deliveries.file_problem,
        deliveries.file_detail,
        null::string as work_city,
        null::string as project_type,
        null::string as role_type,
        null::string as union_status,
        null::string as rate,
        null::string as role_description,
        null::string as breakdown_id,
        null::string as role_name,
        null::string as project_name,
        null::string as row_problem,
        null::string as payload,
        null as views,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from deliveries
    union all
    select
        notices.delivery_no,
        notices.position,
        null as dataset,
        null as file_name,
        null as revision,
        null as is_repeat,
        null as content_hash,
        null as size_bytes,
        null as modified_at,
        null as file_problem,
        null as file_detail,
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
        notices.views,
        null as landed_at,
        null as run_id
    from notices
)

select * from final
