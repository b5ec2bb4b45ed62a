-- What inference wrote last for each asset, and an outbox with a row for each change of it.
create table inference_results (
    asset_id text not null, model_version text not null, written_at timestamptz not null default now(), payload jsonb not null,
    primary key (asset_id, model_version)
);

create table score_outbox (
    written_xid xid8 not null default pg_current_xact_id(), written_at timestamptz not null default now(),
    model_version text not null, payload jsonb not null         -- {"id", "score", "industry"} as inference gave them
) partition by range (written_at);
create index on score_outbox (model_version, written_xid);
create table score_outbox_default partition of score_outbox default;  -- for rows whose day was not made ahead: 005_outbox_days.sql

-- A batch is what was committed between two horizons. Rows of the outbox that have been dropped make it no batch of other rows.
create table score_batches (
    model_version text not null, batch_no bigint not null, from_xid xid8 not null, below_xid xid8 not null,
    closed_at timestamptz not null default now(), rows_dropped_at timestamptz, primary key (model_version, batch_no)
);
