#!/usr/bin/env bash
# One run on a copy of the home: fetch it, load, put it back, move the pointer, publish. Ends as `callsheet load` did: 0, or 3 for a look.
# DuckDB writes in place and needs a local disk, so S3 holds whole copies; `current` names the one in force.
set -euo pipefail
: "${CALLSHEET_HOME:?}" "${HOME_BUCKET:?}" "${RUN:?}" "${DATABASE_HOST:?}" "${DATABASE_NAME:?}" "${DATABASE_USER:?}"

copy="homes/$RUN.tar"
dsn="postgresql://$DATABASE_USER@$DATABASE_HOST:${DATABASE_PORT:-5432}/$DATABASE_NAME?sslmode=verify-full&sslrootcert=/etc/ssl/rds.pem"
token="aws rds generate-db-auth-token --hostname $DATABASE_HOST --port ${DATABASE_PORT:-5432} --username $DATABASE_USER"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$CALLSHEET_HOME/data"

# Only "there is no such key" means a first run. Whatever else keeps us from reading the pointer ends the run.
if etag=$(aws s3api get-object --bucket "$HOME_BUCKET" --key current --query ETag --output text "$scratch/current" 2> "$scratch/error"); then
    before=$(< "$scratch/current")
    still_ours=(--if-match "$etag")
    aws s3 cp --only-show-errors "s3://$HOME_BUCKET/$before" - | tar -x -C "$CALLSHEET_HOME"
elif grep -q NoSuchKey "$scratch/error"; then
    before=
    still_ours=(--if-none-match '*')
else
    cat "$scratch/error" >&2
    exit 1
fi

aws s3 sync --only-show-errors "s3://$HOME_BUCKET/config/" "$CALLSHEET_HOME/config/"

code=0
# shellcheck disable=SC2086 # options are words
callsheet load --quiet --from-postgres "$dsn" --password-command "$token" ${LOAD_OPTIONS:-} || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 3 ]; then exit "$code"; fi

# What landed is in the database: the oldest files leave the copy. The newest stay, more than the grace or the outbox reaches back.
find "$CALLSHEET_HOME/data/inbox" -name 'batch_*.json' | sort -V | head -n "-${INBOX_FILES:-200}" | while read -r file; do
    aws s3 mv --only-show-errors "$file" "s3://$HOME_BUCKET/batches/${file#"$CALLSHEET_HOME/data/inbox/"}"
done

tar -c -C "$CALLSHEET_HOME" --exclude='data/published' --exclude='data/.published-*' data | aws s3 cp --only-show-errors - "s3://$HOME_BUCKET/$copy"

# S3 refuses this where another run has moved the pointer since: then nothing of ours is in force, and nothing is written to PostgreSQL.
printf %s "$copy" > "$scratch/current"
aws s3api put-object --bucket "$HOME_BUCKET" --key current --body "$scratch/current" "${still_ours[@]}" > "$scratch/answer"

# If the run is killed from here on, the next one finds partitions in PostgreSQL that differ, and writes them.
# shellcheck disable=SC2086
callsheet publish --quiet --to-postgres "$dsn" --password-command "$token" ${PUBLISH_OPTIONS:-}
aws s3 sync --only-show-errors --delete "$CALLSHEET_HOME/data/published/" "s3://$HOME_BUCKET/published/"
if [ -n "$before" ] && [ "$before" != "$copy" ]; then aws s3 rm --only-show-errors "s3://$HOME_BUCKET/$before"; fi  # an old version of it stays for two days
exit "$code"
