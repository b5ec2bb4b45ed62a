"""Noise: its distribution, what repeats it and what does not, and the key that nobody else may read."""

import math
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from callsheet.pulse.noise import ENVIRONMENT, KEY_BYTES, Noise, key_file, laplace, read_key
from callsheet.runtime.errors import UnusableInputError
from scipy import stats


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)


def draws(home: Path, facts: list[str]) -> list[float]:
    noise = Noise(home)
    return [draw for fact in facts if (draw := noise.draw(fact)) is not None]


def test_a_hundred_thousand_draws_are_laplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is fixed: with a free one, one run in a thousand would fail for no reason."""
    monkeypatch.setenv(ENVIRONMENT, "5a" * KEY_BYTES)
    drawn = draws(tmp_path, [f"standard|count|2025-06-{number % 30:02}|LA|F|{number}" for number in range(100_000)])
    assert stats.kstest(drawn, stats.laplace.cdf).pvalue > 0.001
    assert stats.kstest(drawn, stats.norm.cdf).pvalue < 1e-9  # the check can fail
    assert np.corrcoef(drawn[:-1], drawn[1:])[0, 1] == pytest.approx(0, abs=0.02)


def test_every_digest_gives_a_finite_draw() -> None:
    """The largest is half a step of 52 bits away from nothing: ln(2**53). The smallest is as near to zero; the last bit is the sign."""
    assert laplace(bytes(32)) == pytest.approx(53 * math.log(2))
    assert laplace(b"\x00" * 6 + b"\x08" + bytes(25)) == pytest.approx(-53 * math.log(2))
    assert laplace(b"\xff" * 32) == pytest.approx(-(2**-53), rel=1e-6)


def test_the_same_facts_repeat_their_draw_and_any_other_fact_does_not(tmp_path: Path) -> None:
    facts = ["standard|count|2025-06-01|LA|F|12", "standard|lead|2025-06-01|LA|F|12|5", "strict|count|2025-06-01|LA|F|12",
             "standard|count|2025-06-02|LA|F|12", "standard|count|2025-06-01|NY|F|12", "standard|count|2025-06-01|LA|T|12",
             "standard|count|2025-06-01|LA|F|13"]  # fmt: skip
    first = draws(tmp_path, facts)
    assert draws(tmp_path, facts) == first
    assert len(set(first)) == len(facts)
    assert draws(tmp_path / "another home", facts) != first
    assert Noise(tmp_path).draw(None) is None


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        key = read_key(tmp_path)
    finally:
        os.umask(mask)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(key_file(tmp_path).stat().st_mode) == 0o600
    assert read_key(tmp_path) == key
    assert [path.name for path in key_file(tmp_path).parent.iterdir()] == ["pulse_key"]


def test_runs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(read_key(tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert set(keys) == {key_file(tmp_path).read_bytes()}


def test_a_key_of_the_environment_is_used_and_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "ab" * KEY_BYTES)
    assert read_key(tmp_path) == b"\xab" * KEY_BYTES
    assert not key_file(tmp_path).exists()


@pytest.mark.parametrize("given", ["ab", "secret-but-no-number", "ab" * (KEY_BYTES + 1), "zz" * KEY_BYTES])
def test_a_bad_key_is_refused_without_being_shown(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, given)
    with pytest.raises(UnusableInputError, match="64 hexadecimal digits") as refused:
        read_key(tmp_path)
    assert given not in str(refused.value).removeprefix(ENVIRONMENT)


def test_a_key_that_others_can_read_or_that_is_cut_is_refused(tmp_path: Path) -> None:
    read_key(tmp_path)
    key_file(tmp_path).chmod(0o640)
    with pytest.raises(UnusableInputError, match="chmod 600"):
        read_key(tmp_path)
    key_file(tmp_path).chmod(0o600)
    key_file(tmp_path).write_bytes(b"short")
    with pytest.raises(UnusableInputError, match="bring it back from your backup"):
        read_key(tmp_path)


def test_the_name_of_a_key_tells_keys_apart_and_not_what_they_are(tmp_path: Path) -> None:
    name = Noise(tmp_path / "a").key_id()
    assert name == Noise(tmp_path / "a").key_id() != Noise(tmp_path / "b").key_id()
    assert name not in read_key(tmp_path / "a").hex()
