-- Close a batch where enough rows wait, or old ones; return its number, or null. Call it on the writer, as often as you like.
-- Everything below the horizon is committed and visible, or rolled back: no later commit adds a row to a closed batch.
create function close_batch(p_model_version text, p_max_rows bigint, p_max_age interval) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    last score_batches;
    horizon xid8;
    waiting bigint;
    oldest timestamptz;
begin
perform pg_advisory_xact_lock(hashtext('close_batch'), hashtext(p_model_version));  -- one closer at a time
select * into strict last from score_batches where model_version = p_model_version order by batch_no desc limit 1;
horizon := pg_snapshot_xmin(pg_current_snapshot());
select count(*), min(written_at) into waiting, oldest from score_outbox
where model_version = p_model_version and written_xid >= last.below_xid and written_xid < horizon;
if waiting = 0 or (waiting < p_max_rows and oldest > now() - p_max_age) then return null; end if;
insert into score_batches (model_version, batch_no, from_xid, below_xid) values (p_model_version, last.batch_no + 1, last.below_xid, horizon);
return last.batch_no + 1;
end
$$;
