-- Filled by score_history, in the transaction that replaces the rows.
{{ config(materialized="incremental", partition_by="run_id", full_refresh=false, tags=["state"]) }}

select
    null::string as id,
    null::bigint as computed_at_batch,
    null::bigint as batch_no,
    null::bigint as age,
    null::string as industry,
    null::double as score,
    null::bigint as lower_count,
    null::bigint as equal_count,
    null::bigint as window_count,
    null::double as percentile,
    null::bigint as window_from,
    null::bigint as window_to,
    null::bigint as fingerprint,
    null::double as replaced_by_percentile,
    null::string as cause,
    null::timestamp as superseded_at,
    null::string as run_id
where false
