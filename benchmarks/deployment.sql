-- What docs/deployment.md adds to Aurora PostgreSQL, whole; benchmarks/deployment.py runs it on a PostgreSQL of its own.
create table inference_results (
    asset_id text not null, model_version text not null, written_at timestamptz not null default now(), payload jsonb not null,
    primary key (asset_id, model_version)
);
create table score_outbox (
    written_xid xid8 not null default pg_current_xact_id(), written_at timestamptz not null default now(),
    model_version text not null, payload jsonb not null         -- {"id", "score", "industry"} as inference gave them
) partition by range (written_at);                              -- index on (model_version, written_xid)
create index on score_outbox (model_version, written_xid);
create table score_outbox_of_today partition of score_outbox default;  -- one a day, made ahead, in production
create table score_batches (
    model_version text not null, batch_no bigint not null, from_xid xid8 not null, below_xid xid8 not null,
    closed_at timestamptz not null default now(), primary key (model_version, batch_no)
);
insert into score_batches values ('v7', 0, '0', '0');  -- the first row of a model, by hand

create function record_score(p_model_version text, p_payload jsonb) returns void
language sql security definer set search_path = public, pg_temp
begin atomic
-- record_score(): one statement. An identical retry changes no row and so adds none to the outbox.
with changed as (
    insert into inference_results as held (asset_id, model_version, payload) values (p_payload ->> 'id', p_model_version, p_payload)
    on conflict (asset_id, model_version) do update set payload = excluded.payload where held.payload is distinct from excluded.payload
    returning held.model_version, held.payload
)
insert into score_outbox (model_version, payload) select model_version, payload from changed;
end;

create function close_batch(p_model_version text, p_max_rows bigint, p_max_age interval) returns bigint
language plpgsql as $$
declare
    last score_batches;
    horizon xid8;
    waiting bigint;
    oldest timestamptz;
begin
perform pg_advisory_xact_lock(hashtext('close_batch'), hashtext(p_model_version));
select * into strict last from score_batches where model_version = p_model_version order by batch_no desc limit 1;
-- close_batch(), on the writer, under pg_advisory_xact_lock: one closer at a time. `last` is the newest row of score_batches.
horizon := pg_snapshot_xmin(pg_current_snapshot());
select count(*), min(written_at) into waiting, oldest from score_outbox
where model_version = p_model_version and written_xid >= last.below_xid and written_xid < horizon;
if waiting = 0 or (waiting < p_max_rows and oldest > now() - p_max_age) then return null; end if;
insert into score_batches (model_version, batch_no, from_xid, below_xid) values (p_model_version, last.batch_no + 1, last.below_xid, horizon);
return last.batch_no + 1;
end
$$;

-- What load_batches.py --from-postgres reads: the closed batches of one model, an open one not at all.
create view closed_scores as
select outbox.payload -> 'id' as id, outbox.payload -> 'score' as score, outbox.payload -> 'industry' as industry, batches.batch_no
from score_outbox as outbox
inner join score_batches as batches
    on batches.model_version = 'v7' and outbox.model_version = 'v7'
    and outbox.written_xid >= batches.from_xid and outbox.written_xid < batches.below_xid;
