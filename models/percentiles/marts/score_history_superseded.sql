-- Filled by score_history, in the transaction that replaces the rows.
{{ config(materialized="incremental", full_refresh=false, tags=["state"]) }}

select
    null::varchar as id,
    null::bigint as computed_at_batch,
    null::bigint as batch_no,
    null::bigint as age,
    null::varchar as industry,
    null::double as score,
    null::bigint as lower_count,
    null::bigint as equal_count,
    null::bigint as window_count,
    null::double as percentile,
    null::bigint as window_from,
    null::bigint as window_to,
    null::bigint as fingerprint,
    null::double as replaced_by_percentile,
    null::varchar as cause,
    null::timestamp as superseded_at,
    null::varchar as run_id
where false
