-- One partition of the outbox a day (UTC). Make days ahead: a day that has rows in the default partition already cannot be made.
create function make_outbox_days(p_first date, p_days integer) returns void
language plpgsql set search_path = public, pg_temp set timezone = 'UTC' as $$
begin
for number in 0 .. p_days - 1 loop
    execute format(
        'create table if not exists score_outbox_%s partition of score_outbox for values from (%L) to (%L)',
        to_char(p_first + number, 'YYYYMMDD'), p_first + number, p_first + number + 1
    );
end loop;
end
$$;

-- Drop a day that has been loaded. A batch that reaches into the next day would look corrected, with half its rows: so every batch
-- of the day is marked first, and the view shows it no more. What has been loaded stays loaded.
create function drop_outbox_day(p_day date) returns void
language plpgsql set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
    partition text := 'score_outbox_' || to_char(p_day, 'YYYYMMDD');
    in_no_batch bigint;
begin
execute format('lock table %I in access exclusive mode', partition);  -- waits for who still writes rows of that day
execute format($count$
    select count(*) from %I as outbox where not exists (
        select from score_batches as batches
        where batches.model_version = outbox.model_version
        and outbox.written_xid >= batches.from_xid and outbox.written_xid < batches.below_xid
    )
$count$, partition) into in_no_batch;
if in_no_batch > 0 then raise exception '% rows of % are in no closed batch: close and load it first', in_no_batch, partition; end if;
execute format($mark$
    update score_batches as batches set rows_dropped_at = now() where batches.rows_dropped_at is null and exists (
        select from %I as outbox
        where batches.model_version = outbox.model_version
        and outbox.written_xid >= batches.from_xid and outbox.written_xid < batches.below_xid
    )
$mark$, partition);
execute format('drop table %I', partition);
end
$$;
