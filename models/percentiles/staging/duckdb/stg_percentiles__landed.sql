-- Position 0 is the delivery itself, so that a file and its records land in one transaction, whatever is killed when.
{{ config(
    enabled=target.type == "duckdb" and var("products").percentiles,
    materialized="incremental",
    full_refresh=false,
    tags=["state"],
    pre_hook="{{ find_new_files('percentiles', 'percentiles_batches', 'seeds/percentiles/batches', 'batch_*.json', 'batch_([0-9]{1,9})[.]json') }}"
) }}

with opened as (
    select * from {{ source("percentiles", "batches") }}
),

newest_landed as (
    {{ newest_landed_versions() }}
),

hashed as (
    select
        parse_filename(opened.filename) as file_name,
        (regexp_extract(opened.filename, 'batch_([0-9]+)[.]json$', 1))::bigint as batch_no,
        sha256(opened.content) as content_hash,
        opened.size as size_bytes,
        timezone('UTC', opened.last_modified) as modified_at,
        try(ltrim(decode(opened.content), chr(65279))) as content
    from opened
),

checked as (
    select
        hashed.*,
        coalesce(newest_landed.revision, 0) as landed_revision,
        coalesce(newest_landed.content_hash = hashed.content_hash, false) as is_repeat,
        case
            when json_valid(hashed.content) then hashed.content
            when json_valid(mark_lone_surrogates(hashed.content)) then mark_lone_surrogates(hashed.content)
        end as valid_content
    from hashed
    left join newest_landed
        on hashed.file_name = newest_landed.file_name
),

deliveries as (
    select
        checked.file_name,
        checked.batch_no,
        checked.landed_revision + if(checked.is_repeat, 0, 1) as revision,
        checked.is_repeat,
        checked.content_hash,
        checked.size_bytes,
        checked.modified_at,
        case
            when checked.content is null then 'file_not_utf8'
            when trim(checked.content, chr(32) || chr(9) || chr(10) || chr(13)) = '' then 'file_empty'
            when
                checked.valid_content is null and starts_with(ltrim(checked.content), '[')
                and not ends_with(rtrim(checked.content, chr(32) || chr(9) || chr(10) || chr(13)), ']') then 'file_cut'
            when checked.valid_content is null then 'file_not_json'
            when json_type(checked.valid_content) <> 'ARRAY' then 'file_not_array'
        end as file_problem,
        case
            when json_type(checked.valid_content) = 'ARRAY' and not checked.is_repeat
                then from_json(checked.valid_content, '["json"]')
        end as records
    from checked
),

records_of_deliveries as (
    select
        deliveries.*,
        unnest(list_prepend(null, coalesce(deliveries.records, []))) as record,
        generate_subscripts(list_prepend(null, coalesce(deliveries.records, [])), 1) - 1 as position
    from deliveries
),

final as (
    select
        getvariable('percentiles_dataset')::varchar as dataset,
        records_of_deliveries.file_name,
        records_of_deliveries.batch_no,
        records_of_deliveries.revision::integer as revision,
        records_of_deliveries.is_repeat,
        records_of_deliveries.content_hash,
        records_of_deliveries.size_bytes,
        records_of_deliveries.modified_at,
        records_of_deliveries.file_problem,
        records_of_deliveries.position::integer as position,
        case when records_of_deliveries.position > 0 then coalesce(records_of_deliveries.record, 'null') end::varchar as payload,
        {{ run_started_timestamp() }} as landed_at,
        '{{ invocation_id }}' as run_id
    from records_of_deliveries
)

select * from final
