"""What docs/deployment.md says was measured: `python -m benchmarks.deployment`, about six minutes on a quiet machine.

Writes its tables into the page. The part about PostgreSQL runs on a server that it starts itself, and is skipped where none is installed.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from callsheet.percentiles.loading import Request, load
from callsheet.percentiles.serving import TABLES as SERVED
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import PROJECT, Workspace

from benchmarks.batches import INDUSTRIES
from benchmarks.percentiles import WINDOW
from benchmarks.postgres import Server, server

PAGE = PROJECT / "docs" / "deployment.md"
MIGRATIONS = sorted((PROJECT / "deploy" / "postgres").glob("*.sql"))

# The page's working volume, an assumption of its own: what "a day" means in the tables below.
ASSETS, BATCHES_A_DAY = 100_000, 24
ASSETS_A_DAY = ASSETS * BATCHES_A_DAY
COPY_LIMIT = 18e9  # bytes that 5 % of an hour copies at 100 MB/s
KEPT_ITERATIONS = 168
HISTORY = next(table for table in SERVED if table.name == "score_history")


def table(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table; the head is given as it will stand."""
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


# DuckDB: bytes on disk

TABLES = ("latest_scores", "score_history", "percentile_curve", "stg_percentiles__landed", "int_percentiles__judge_records")


def write_ulids(folder: Path, number: int) -> None:
    """Write a batch with ids like the sample's: ten characters of time, sixteen of chance. Chance is what does not compress."""
    chance = np.random.default_rng(number)
    letters = np.array(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    ends = letters[chance.integers(0, len(letters), (ASSETS, 16))]
    scores = chance.normal(0.5, 0.18, ASSETS).round(4)
    industries = INDUSTRIES[chance.integers(0, len(INDUSTRIES), ASSETS)]
    rows = (
        f'{{"id":"01K7{number:02d}{row // 25:04d}{"".join(end)}","score":{score},"industry":"{industry}"}}'
        for row, (end, score, industry) in enumerate(zip(ends, scores, industries, strict=True))
    )
    (folder / f"batch_{number}.json").write_text("[" + ",\n".join(rows) + "]")


@dataclass(frozen=True)
class Disk:
    """What the tables of a database take: rows and bytes of each."""

    file_bytes: int
    sizes: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, workspace: Workspace) -> "Disk":
        """Read operations.table_growth."""
        with workspace.reading() as connection:
            rows = connection.execute("select table_name, row_count, byte_count from operations.table_growth").fetchall()
        return cls(workspace.database.stat().st_size, {name: (count, size) for name, count, size in rows})


def a_day(bytes_per_asset: float) -> str:
    """Return what so many bytes per asset come to."""
    return f"{bytes_per_asset * ASSETS_A_DAY / 1e6:.0f} MB"


def storage(batches: int) -> str:
    """Load batches one by one, as they come in production, and return what each table takes."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        inbox = Path(scratch) / "inbox"
        inbox.mkdir()
        for number in range(1, batches + 1):
            write_ulids(inbox, number)
        a_record = sum(path.stat().st_size for path in inbox.iterdir()) / batches / ASSETS
        workspace = Workspace(Path(scratch), Path(scratch) / "data" / "callsheet.duckdb")
        load(workspace, Request(inbox, through=batches // 2))
        half = Disk.of(workspace)
        load(workspace, Request(inbox))
        disk = Disk.of(workspace)
        keep = {"percentiles_batches": str(inbox), "percentiles_keep_iterations": 2}
        models = ("int_percentiles__define_windows", "score_history")
        Dbt(workspace).build("--select", *models, "--exclude-resource-type", "test", "unit_test", variables=keep)
        archive = list((workspace.home / "data" / "archive" / "score_history").glob("*.parquet"))
        an_archived_row = sum(path.stat().st_size for path in archive) / len(archive) / WINDOW / ASSETS
    later = batches - batches // 2  # growth is what they add: the first ones also set up what stays as it is
    rows, growth = [], {}
    for name in TABLES:
        (count, size), (half_count, half_size) = disk.sizes[name], half.sizes[name]
        growth[name] = (size - half_size) / later / ASSETS
        rows_a_day = (count - half_count) / later * BATCHES_A_DAY
        rows.append((f"`{name}`", f"{size / count:.1f}", f"{growth[name]:.0f}", f"{rows_a_day / 1e6:.2f} M", a_day(growth[name])))
    file = (disk.file_bytes - half.file_bytes) / later / ASSETS
    rows.append(("the file", "", f"{file:.0f}", "", a_day(file)))
    others = file - growth["score_history"]
    kept_rows = KEPT_ITERATIONS * WINDOW * ASSETS
    kept = kept_rows * disk.sizes["score_history"][1] / disk.sizes["score_history"][0]
    ends, ends_with_retention = COPY_LIMIT / (file * ASSETS_A_DAY), (COPY_LIMIT - kept) / (others * ASSETS_A_DAY)
    return table("| DuckDB [M] | bytes a row | bytes per asset | rows a day [F] | growth a day [F] |", rows) + (
        f"\n{batches} batches of {ASSETS:,} loaded one by one, DuckDB {duckdb.__version__}; *per asset* is what the last {later} added. "
        f"A record of a batch file has {a_record:.0f} bytes, an archived history row {an_archived_row:.0f} as Parquet.\n"
        f"The file grows by {file * ASSETS_A_DAY * 365 / 1e9:.0f} GB a year. "
        f"`percentiles_keep_iterations: {KEPT_ITERATIONS}` stops history at {kept_rows / 1e6:.0f} million rows, {kept / 1e9:.1f} GB; "
        f"the other {others:.0f} bytes per asset go on, {a_day(others)} a day.\nThe {COPY_LIMIT / 1e9:.0f} GB where copying ends are "
        f"reached on day {ends:.0f}, with retention on day {ends_with_retention:.0f} [F].\n"
    )


# PostgreSQL: what writing percentiles costs


@dataclass(frozen=True)
class Way:
    """A way of writing percentiles back."""

    name: str
    statement: str = "merge"
    fillfactor: int = 100
    updates: bool = True
    vacuums: bool = True
    index: str = ""


WAYS = (
    Way("insert only, for comparison", updates=False),
    Way("`delete` and `insert`, as `--to-postgres` does; vacuum after each batch", statement="delete"),
    Way("`merge`, vacuum after each batch"),
    Way("the same, fillfactor 50", fillfactor=50),
    Way("the same, fillfactor 100, never vacuumed", vacuums=False),
    Way("the same, vacuum, with an index on (industry, percentile)", index="create index on scores_v7 (industry, percentile);"),
)

STATEMENTS = {
    "merge": "merge into scores_v7 as held using changed on held.id = changed.id and held.batch_no = changed.batch_no "
    "when matched and held.percentile is distinct from changed.percentile then update set percentile = changed.percentile "
    "when not matched then insert values (changed.id, changed.score, changed.industry, changed.percentile, changed.batch_no);",
    "delete": "delete from scores_v7 using changed where scores_v7.id = changed.id and scores_v7.batch_no = changed.batch_no; "
    "insert into scores_v7 select * from changed;",
}

AN_ID = "upper(left(md5({0}), 26))"
A_SCORE = "round((asset % 9973) / 9973.0, 4)"
AN_INDUSTRY = "(array['Cars', 'Hair care', 'Food', 'Clothing'])[1 + asset % 4]"

APPLY = f"""
create temp table changed as
select {AN_ID.format("batch_no || ':' || asset")} as id, {A_SCORE}::double precision as score, {AN_INDUSTRY} as industry,
    random() * 100 as percentile, batch_no
from generate_series(1, {{assets}}) as asset, generate_series({{oldest}}, {{batch_no}}) as batch_no
order by random();
begin; {{statement}} commit;
{{vacuum}}
select pg_stat_force_next_flush();
"""


def writing(own: Server, way: Way, assets: int, batches: int) -> tuple[str, ...]:
    """Write batches this way; return bytes, the share of HOT updates, and the log of a batch with its two predecessors."""
    own.sql(
        "drop table if exists scores_v7; create table scores_v7 (id text not null, score double precision not null, "
        "industry text not null, percentile double precision, batch_no bigint not null, primary key (id, batch_no)) "
        f"with (fillfactor = {way.fillfactor}); {way.index}"
    )
    for batch_no in range(1, batches + 1):
        oldest = max(1, batch_no - WINDOW + 1) if way.updates else batch_no
        statement, vacuum = STATEMENTS[way.statement], "vacuum scores_v7;" if way.vacuums else ""
        own.sql(APPLY.format(assets=assets, batch_no=batch_no, oldest=oldest, statement=statement, vacuum=vacuum))
        if batch_no == WINDOW:
            (begun,) = own.sql("select pg_current_wal_insert_lsn()")
    heap, index, log, hot, rows = map(
        float,
        own.sql(
            "select pg_table_size('scores_v7'), pg_indexes_size('scores_v7'), "
            f"pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{begun}'), coalesce(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), -1), "
            "(select count(*) from scores_v7) from pg_stat_user_tables where relname = 'scores_v7'"
        ),
    )
    if rows != assets * batches:
        raise SystemExit(f"{way.name}: {rows:.0f} rows where {assets * batches} were written.")
    log_mb = log / (batches - WINDOW) / assets * ASSETS / 1e6
    in_all = f"{heap / rows:.0f} + {index / rows:.0f} = {(heap + index) / rows:.0f}"
    return way.name, in_all, f"{hot:.0f} %" if hot >= 0 else "", f"{log_mb:.0f} MB"


def migrate(own: Server) -> None:
    """Run deploy/postgres, as a person does who sets the outbox up."""
    for migration in MIGRATIONS:
        own.sql(migration.read_text(encoding="utf-8"))


def try_the_horizon(own: Server) -> None:
    """Let a transaction begin first and commit last: marks must lose its row, and the horizon must not, or the page is wrong."""
    record = 'select record_score(\'v7\', \'{{"id": "{0}", "score": 0.5, "industry": "Hair care"}}\');'.format
    close = "select coalesce(close_batch('v7', 1, '1 hour')::text, 'none')"
    with own.open_transaction(record("late")):
        own.sql(record("early"))
        time, number = own.sql("select max(written_at), max(written_xid::text::bigint) from score_outbox")
        held_back = own.sql(close)
    beyond = own.sql(f"select count(*) from score_outbox where written_at > '{time}' or written_xid > '{number}'")
    own.sql(record("early"))  # a retry
    closed = own.sql(close)
    in_batch = own.sql(
        "select string_agg(payload ->> 'id', ',' order by written_xid) from score_outbox "
        "inner join score_batches on written_xid >= from_xid and written_xid < below_xid where batch_no = 1"
    )
    if (held_back, beyond, closed, in_batch) != (["none"], ["0"], ["1"], ["late,early"]):
        raise SystemExit(f"docs/deployment.md is wrong about the horizon: {held_back}, {beyond}, {closed}, {in_batch}.")


def history_bytes(own: Server, assets: int) -> str:
    """Fill what `callsheet publish --to-postgres` writes most of, and return its bytes."""
    columns = ", ".join(f"{name} {kind}" for name, kind in HISTORY.columns.items())
    row = f"id, 1, 1, 0, {AN_INDUSTRY}, {A_SCORE}, asset, 1, {assets}, random() * 100, 1, 3"
    assets_by_chance = f"select {AN_ID.format('asset::text')} as id, asset from generate_series(1, {assets}) as asset order by random()"
    (size,) = own.sql(
        f"create table history ({columns}, primary key ({HISTORY.key})); create index on history ({HISTORY.partition}); "
        f"insert into history select {row} from ({assets_by_chance}) as assets; select pg_total_relation_size('history')"
    )
    each = float(size) / assets
    return (
        f"A row of `callsheet.score_history` has {each:.0f} bytes [M]: {WINDOW * ASSETS_A_DAY * each / 1e9:.1f} GB a day, or "
        f"{KEPT_ITERATIONS * WINDOW * ASSETS * each / 1e9:.0f} GB in all with `percentiles_keep_iterations: {KEPT_ITERATIONS}` [F]."
    )


def inference_bytes(own: Server, assets: int) -> str:
    """Fill what inference writes, one transaction id a row, and return its bytes."""
    payload = f"jsonb_build_object('id', {AN_ID.format('asset::text')}, 'score', {A_SCORE}, 'industry', {AN_INDUSTRY})"
    source = f"{payload} from generate_series(1, {assets}) as asset"
    sizes = own.sql(
        "truncate score_outbox, inference_results; "
        f"insert into inference_results select {AN_ID.format('asset::text')}, 'v7', now(), {source}; "
        f"insert into score_outbox select (1000 + asset)::text::xid8, now(), 'v7', {source}; "
        "create table outbox_without_xid as select written_at, model_version, payload from score_outbox; "
        "select pg_total_relation_size('inference_results'), pg_total_relation_size('score_outbox_default'), "
        "pg_indexes_size('score_outbox_default'), pg_table_size('score_outbox_default') - pg_table_size('outbox_without_xid')"
    )
    results, outbox, index, column = (float(size) / assets for size in sizes)
    return (
        f"A row of `inference_results` has {results:.0f} bytes with its key, one of `score_outbox` {outbox:.0f}; of these `written_xid` "
        f"takes {column:.0f} and its index {index:.0f} [M]. Kept 30 days and 7: {30 * ASSETS_A_DAY * results / 1e9:.1f} GB and "
        f"{7 * ASSETS_A_DAY * outbox / 1e9:.1f} GB, constant [F].\n"
        f"{history_bytes(own, assets)}\n"
    )


def postgres(assets: int, batches: int) -> dict[str, str]:
    """Measure on a PostgreSQL of our own; nothing where there is none."""
    with server() as own:
        if own is None:
            print("No PostgreSQL under /usr/lib/postgresql: its figures stay as they are. `apt-get install postgresql` brings one.")
            return {}
        migrate(own)
        own.sql("select begin_model('v7')")
        try_the_horizon(own)
        rows = [writing(own, way, assets, batches) for way in WAYS]
        (version,) = own.sql("select split_part(current_setting('server_version'), ' ', 1)")
        said = (
            f"\nPostgreSQL {version}; {batches} batches of {assets:,} new assets, each with new percentiles for the two before, in one "
            "transaction; ids in random order, log without full pages as Aurora writes none; the log is that of the whole batch, vacuum "
            f"included, scaled to {ASSETS:,} assets.\n"
        )
        head = "| way of writing [M] | heap + index, bytes per asset | HOT | log per batch |"
        return {"writing": table(head, rows) + said, "inference": inference_bytes(own, assets * 4)}


def write(mark: str, text: str) -> None:
    """Replace what stands on the page between a mark and the next end."""
    begin, end = f"<!-- deployment:{mark} -->\n", "<!-- end -->"
    before, found, after = PAGE.read_text(encoding="utf-8").partition(begin)
    if not found:
        raise SystemExit(f"{PAGE} has no place for deployment:{mark}.")
    PAGE.write_text(before + begin + text + after[after.index(end) :], encoding="utf-8")


def main() -> None:
    """Measure, and rewrite what stands between the marks."""
    parser = argparse.ArgumentParser(description="Measure what docs/deployment.md says was measured, and write it there.")
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--only", choices=["storage", "postgres"], help="one part of it")
    parser.add_argument("--print", action="store_true", help="print the tables, leave the page")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, str]]] = {
        "storage": lambda: {"storage": storage(arguments.batches)},
        "postgres": lambda: postgres(ASSETS // 2, arguments.batches),
    }
    for name, measure in parts.items():
        if arguments.only in (None, name):
            for mark, text in measure().items():
                print(text)
                if not arguments.print:
                    write(mark, text)


if __name__ == "__main__":
    main()
