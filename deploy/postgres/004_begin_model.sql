-- A scoring model is a population of its own: its own numbers, and a view of its own that `callsheet load --table` reads.
create function begin_model(p_model_version text) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
insert into score_batches (model_version, batch_no, from_xid, below_xid) values (p_model_version, 0, '0', '0');
execute format($view$
    create view %1$I as
    select outbox.payload -> 'id' as id, outbox.payload -> 'score' as score, outbox.payload -> 'industry' as industry, batches.batch_no
    from score_outbox as outbox
    inner join score_batches as batches
        on batches.model_version = %2$L and outbox.model_version = %2$L and batches.rows_dropped_at is null
        and outbox.written_xid >= batches.from_xid and outbox.written_xid < batches.below_xid;
    grant select on %1$I to callsheet_batcher
$view$, 'closed_scores_' || p_model_version, p_model_version);
end
$$;

-- Transaction ids do not survive a logical copy (a blue/green upgrade, a dump). Before it: stop inference, close and load the last
-- batch. After it, on the new server: this, for each model. The old batches stay loaded, and numbers go on.
create function begin_model_again(p_model_version text) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    last_no bigint;
begin
select max(batch_no) into strict last_no from score_batches where model_version = p_model_version;
delete from score_outbox where model_version = p_model_version;
update score_batches set rows_dropped_at = now() where model_version = p_model_version and rows_dropped_at is null;
insert into score_batches (model_version, batch_no, from_xid, below_xid) values (p_model_version, last_no + 1, '0', '0');
end
$$;
