-- Grant these to the users who log in. On Aurora such a user also gets `grant rds_iam to …`, and then needs no password.
do $$ begin create role callsheet_inference nologin; exception when duplicate_object then null; end $$;
do $$ begin create role callsheet_batcher nologin; exception when duplicate_object then null; end $$;
revoke all on function record_score, close_batch, begin_model, begin_model_again, make_outbox_days, drop_outbox_day from public;
grant execute on function record_score to callsheet_inference;
grant execute on function close_batch to callsheet_batcher;  -- begin_model lets it read the model's view, and nothing else
