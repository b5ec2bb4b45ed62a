"""Files nobody would write: whatever is in the inbox, each file is read or rejected with a reason, and the good ones go on."""

import json
import random
from collections.abc import Callable

import pytest

from tests.python.conftest import Workshop, asset

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


@pytest.mark.parametrize("files", [400, pytest.param(10_000, marks=pytest.mark.soak)])
def test_every_fuzzed_file_is_read_or_rejected_and_the_good_ones_go_on(files: int, workshop: Workshop) -> None:
    chance = random.Random(files)
    good = []
    for number in range(1, files + 1):
        records = [asset(f"{number}-{i}", round(chance.random(), 3), "Hair care") for i in range(chance.randrange(4))]
        damage = chance.choice(DAMAGES)
        workshop.deliver(number, damage(chance, json.dumps(records).encode()))
        if damage is unchanged:
            good += [(number, record["id"]) for record in records]
    workshop.load()
    ledger = workshop.query("select batch_no, status, landed_count, valid_count, quarantined_count from percentiles.batch_ledger")
    assert len(ledger) == files
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
