"""New alerts reach a webhook, each once, whatever happens on the way."""

import sys
from pathlib import Path

import duckdb
import pytest
from callsheet.percentiles import webhook
from callsheet.workspace import PROJECT

from tests.python.channel import Channel


@pytest.fixture
def database(tmp_path: Path) -> Path:
    text = (PROJECT / "macros" / "run_log.sql").read_text()
    outbox = text[text.index("create table if not exists operations.alert_outbox") : text.index("{%- endif -%}")]
    with duckdb.connect(str(tmp_path / "callsheet.duckdb")) as connection:
        connection.execute(
            f"create schema operations; {outbox};"
            "create table operations.alerts (product text, kind text, subject text, message text, batch_no bigint)"
        )
    return alert(alert(tmp_path / "callsheet.duckdb", "Cars"), "Food")


def alert(database: Path, industry: str) -> Path:
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into operations.alerts values ('percentiles', 'drift', $1, $1 || ' moved', null), ('pulse', 'late', $1, 'x', null)",
            [industry],
        )
    return database


def test_each_alert_is_posted_once(channel: Channel, database: Path) -> None:
    assert webhook.tell(database) == webhook.tell(database) == []
    assert channel.texts == ["callsheet percentiles, drift: Cars moved", "callsheet percentiles, drift: Food moved"]
    webhook.tell(alert(database, "Hair care"))
    assert channel.texts[2:] == ["callsheet percentiles, drift: Hair care moved"]


def test_an_alert_whose_figures_change_or_that_comes_back_is_the_same(channel: Channel, database: Path) -> None:
    def stands(*messages: tuple[str, int]) -> None:
        with duckdb.connect(str(database)) as connection:
            connection.execute("delete from operations.alerts")
            for message, batch in messages:
                connection.execute("insert into operations.alerts values ('percentiles', 'drift', 'Cars', ?, ?)", [message, batch])
        webhook.tell(database)

    stands(("3 of 50", 7))
    stands(("4 of 51", 7))  # a correction
    assert channel.texts == ["callsheet percentiles, drift: 3 of 50"]
    stands(("9 of 52", 8))  # another episode, without a run in between
    stands()
    stands(("8 of 51", 8))  # rows that came late let it go and come back
    assert [text[-7:] for text in channel.texts] == ["3 of 50", "9 of 52"]


def test_what_is_refused_is_posted_by_the_next_run(channel: Channel, database: Path) -> None:
    channel.room = 1
    (note,) = webhook.tell(database)
    assert note == "The webhook did not take 1 of 2 alerts: the next run posts them."
    channel.room = 9
    webhook.tell(database)
    assert [text[-10:] for text in channel.texts] == ["Cars moved", "Food moved"]


def test_a_run_that_is_killed_posts_the_rest_next_time(channel: Channel, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post = webhook._is_taken
    monkeypatch.setattr(webhook, "_is_taken", lambda url, text: post(url, text) if "Cars" in text else sys.exit())
    with pytest.raises(SystemExit):
        webhook.tell(database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from operations.alerts")  # an alert that has ended meanwhile is told all the same
    monkeypatch.setattr(webhook, "_is_taken", post)
    webhook.tell(database)
    assert [text[-10:] for text in channel.texts] == ["Cars moved", "Food moved"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret", "no address/secret", "ftp:///secret"])
def test_an_address_that_does_not_answer_is_not_shown(url: str, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(webhook.URL_VARIABLE, url)
    (note,) = webhook.tell(database)
    assert "secret" not in note


def test_without_an_address_nothing_is_noted(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(webhook.URL_VARIABLE, raising=False)
    assert webhook.tell(database) == []
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("select count(*) from operations.alert_outbox").fetchall() == [(0,)]
