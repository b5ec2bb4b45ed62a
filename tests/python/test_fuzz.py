"""Files nobody would write: whatever is delivered, each file is read or rejected with a reason, and the good ones go on."""

import csv
import gzip
import json
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from callsheet.percentiles.delivering import as_batches
from callsheet.percentiles.loading import Request as Load
from callsheet.percentiles.loading import load
from callsheet.pulse.building import Request, build, check_source
from callsheet.pulse.looking import describe
from callsheet.resonance.films.tables import read_table
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import PROJECT, Workspace

from tests.python.conftest import Workshop, asset

STRANGERS = PROJECT / "tests" / "python" / "fixtures" / "strangers"
FUZZED_FILES = 400
FILES_A_BUILD = 500
SECONDS_A_BUILD, GIGABYTES = 600, 4  # on a busy machine
# The rows that land. The German file is in cp1252: without its encoding it is a file problem, and none of its 160 rows lands.
ROWS = {"breakdowns-export-06302025.csv": 272, "Castings June 2025.xlsx": 150, "Ausschreibungen.csv": 0, "export.zip": 140}

Damage = Callable[[random.Random, bytes], bytes]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"null",
    b"NaN",
    b"-",
    b"1e999",
    b"\\u0000",
    b"\\ud800",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b" ",
]


def cut(chance: random.Random, text: bytes) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


def flip(chance: random.Random, text: bytes) -> bytes:
    position = chance.randrange(len(text))
    return text[:position] + bytes([chance.randrange(256)]) + text[position + 1 :]


def insert(chance: random.Random, text: bytes) -> bytes:
    position = chance.randrange(len(text) + 1)
    return text[:position] + chance.choice(TOKENS) + text[position:]


def repeat(chance: random.Random, text: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:end] + text[start:end] + text[end:]


def nest(chance: random.Random, text: bytes) -> bytes:
    depth = chance.choice([1, 50, 5000])
    return b"[" * depth + text + b"]" * depth


def unchanged(_: random.Random, text: bytes) -> bytes:
    return text


DAMAGES: list[Damage] = [cut, flip, insert, repeat, nest, unchanged]


def test_every_fuzzed_file_is_read_or_rejected_and_the_good_ones_go_on(workshop: Workshop) -> None:
    chance = random.Random(400)
    good = []
    for number in range(1, FUZZED_FILES + 1):
        records = [asset(f"{number}-{i}", round(chance.random(), 3), "Hair care") for i in range(chance.randrange(4))]
        damage = chance.choice(DAMAGES)
        workshop.deliver(number, damage(chance, json.dumps(records).encode()))
        if damage is unchanged:
            good += [(number, record["id"]) for record in records]
    workshop.load()
    ledger = workshop.query("select batch_no, status, landed_count, valid_count, quarantined_count from percentiles.batch_ledger")
    assert len(ledger) == FUZZED_FILES
    for _, status, landed, valid, quarantined in ledger:
        assert status in ("in_force", "file_empty", "file_not_utf8", "file_cut", "file_not_json", "file_not_array")
        assert landed == valid + quarantined
    assert len({row[1] for row in ledger}) >= 5
    kept = workshop.query(
        "select batches.batch_no, records.asset_id from intermediate.int_percentiles__judge_records as records "
        "inner join intermediate.int_percentiles__define_windows as batches on records.fingerprint = batches.delivery_fingerprint "
        "where batches.age = 0 and records.reject_reason is null"
    )
    assert set(good) <= set(kept)


def damaged(chance: random.Random, content: bytes) -> bytes:
    """Return a file with some of its bytes changed, lost, repeated or cut."""
    damage = bytearray(content)
    for _ in range(chance.choice([0, 1, 3, 30])):
        place = chance.randrange(len(damage) + 1)
        match chance.randrange(5):
            case 0:
                damage[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del damage[place : place + chance.randrange(200)]
            case 2:
                damage[place:place] = chance.choice([b'"', b"\n", b"\0", b"\xff", b"[", b"{", b",", b";", b"\r", b"'", b"}", b"|", b"null"])
            case 3:
                damage[place:place] = damage[: chance.randrange(300)]
            case _:
                del damage[place:]
    return bytes(damage)


@pytest.mark.long
def test_whatever_a_file_holds_each_reader_takes_it_or_refuses_it_in_one_sentence(tmp_path: Path) -> None:
    chance = random.Random(100)
    originals = sorted(path for path in STRANGERS.rglob("*") if path.is_file() and path.suffix != ".md")
    for number in range(100):
        original = chance.choice(originals)
        content = original.read_bytes()
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / original.name
        path.write_bytes(damaged(chance, content[:6_000] if original.suffix in (".csv", ".json") else content))
        for read in (
            lambda: [describe(file, layout, None) for file, layout in check_source(Request(str(path)))],  # noqa: B023 - called at once
            lambda: as_batches(folder, path),  # noqa: B023
            lambda: read_table(duckdb.connect(), path, "films", (), None),  # noqa: B023
        ):
            try:
                read()
            except UnusableInputError as refused:
                assert "\n" not in str(refused).strip()


def rows_in(path: Path) -> int:
    """Count a stranger's scores or breakdowns without callsheet."""
    if path.name in ROWS:
        return ROWS[path.name]
    if path.suffix == ".csv":
        return len(list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())))
    if path.suffix == ".gz":
        return len(gzip.decompress(path.read_bytes()).splitlines())
    if path.suffix == ".json":
        return len(json.loads(path.read_text(encoding="utf-8")))
    ((count,),) = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()
    return int(count)


def delivered(product: str, folder: Path, chance: random.Random) -> dict[str, int]:
    """Fill a folder with a build's files, most of them damaged, and return how many rows each whole one has."""
    originals = [path for path in sorted(STRANGERS.glob(f"{product}_*/*")) if path.is_file()]
    whole = {}
    for number in range(FILES_A_BUILD):
        original = chance.choice(originals)
        content = original.read_bytes()
        path = folder / f"{number:03}-{original.name}"
        path.write_bytes(damaged(chance, content))
        if path.read_bytes() == content:
            whole[path.name] = rows_in(original)
    assert FILES_A_BUILD / 10 < len(whole) < FILES_A_BUILD / 2
    return whole


def landed_breakdowns(workspace: Workspace, folder: Path) -> dict[str, tuple[int, int]]:
    """Build a pulse of the folder. Return the rows landed and the rows judged of each file that is no problem as a whole."""
    build(Request(str(folder / "*"), sentiment="none"), workspace.database)
    with workspace.reading() as connection:
        counts = connection.execute(
            "with landed as (select delivery_no, max(file_name) as name, sum(len(views)) filter (where position > 0) as rows_landed "
            "from staging.stg_pulse__landed group by all), judged as (select delivery_no, sum(view_count) as rows_judged "
            "from intermediate.int_pulse__judge_rows group by all) "
            "select name, coalesce(rows_landed, 0), coalesce(rows_judged, 0) from landed left join judged using (delivery_no)"
        ).fetchall()
    assert len(counts) == FILES_A_BUILD
    return {Path(name).name: (landed, judged) for name, landed, judged in counts}


def landed_scores(workspace: Workspace, folder: Path) -> dict[str, tuple[int, int]]:
    """Load the scores of the folder. Return the rows landed and the rows kept or quarantined of each file that is a batch."""
    given = as_batches(workspace.home, folder)
    assert len(given.told) + len(given.refused) == FILES_A_BUILD
    load(workspace, Load(given.folder))
    files = json.loads((given.folder / ".files.json").read_text(encoding="utf-8"))
    with workspace.reading() as connection:
        counts = {
            batch: (landed, judged)
            for batch, landed, judged in connection.execute(
                "select batch_no, landed_count, valid_count + quarantined_count from percentiles.batch_ledger"
            ).fetchall()
        }
    return {name: counts[number] for name, ((number,), _) in files.items()}


def peak_memory() -> int:
    """Return the most that this process ever held, in KiB: tests before this one count too."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("builds", [pytest.param(1, marks=pytest.mark.long), pytest.param(10, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("product", "landing"), [("pulse", landed_breakdowns), ("percentiles", landed_scores)])
def test_five_hundred_damaged_files_a_build_lose_no_row(
    product: str, landing: Callable[[Workspace, Path], dict[str, tuple[int, int]]], builds: int, tmp_path: Path
) -> None:
    chance = random.Random(f"{product}, {builds}")
    for number in range(builds):
        home = tmp_path / str(number)
        folder = home / "in"
        folder.mkdir(parents=True)
        whole = delivered(product, folder, chance)
        started, peak = time.monotonic(), peak_memory()
        counts = landing(Workspace(home, home / "data" / "callsheet.duckdb"), folder)
        assert time.monotonic() - started < SECONDS_A_BUILD
        assert peak_memory() - peak < GIGABYTES * 1024**2
        assert [name for name, (landed, judged) in counts.items() if landed != judged] == []
        assert {name: counts[name][0] for name in whole} == whole
