-- The only thing that inference may call. One statement: an identical retry changes no row and so adds none to the outbox.
create function record_score(p_model_version text, p_payload jsonb) returns void
language sql security definer set search_path = public, pg_temp
begin atomic
with changed as (
    insert into inference_results as held (asset_id, model_version, payload) values (p_payload ->> 'id', p_model_version, p_payload)
    on conflict (asset_id, model_version) do update set payload = excluded.payload where held.payload is distinct from excluded.payload
    returning held.model_version, held.payload
)
insert into score_outbox (model_version, payload) select model_version, payload from changed;
end;
