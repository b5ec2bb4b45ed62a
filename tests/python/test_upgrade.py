"""A home that the first edition wrote is opened by the code of today, and loses nothing."""

import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

from tests.python.conftest import asset

pytestmark = pytest.mark.long  # two builds of every product

ARCHIVE = Path(__file__).parent / "fixtures" / "old_home" / "home.tar.xz"
# What only this database knows: where the first edition kept it, the columns that say it, and where it is kept today.
STATE = {
    "landed batches": (
        "staging.stg_percentiles__landed",
        "file_name, batch_no, revision, is_repeat, content_hash, position, payload, landed_at, run_id",
        "staging.stg_percentiles__landed",
    ),
    "landed breakdowns": ("staging.stg_pulse__landed", "file_name, revision, content_hash, landed_at, run_id", "staging.stg_pulse__landed"),
    "superseded history": (
        "percentiles.score_history_superseded",
        "id, computed_at_batch, score, percentile, replaced_by_percentile, cause, superseded_at, run_id",
        "percentiles.score_history_superseded",
    ),
    "frozen days": (
        "pulse.pulse_release",
        "date_utc, region_code, proj_type_code, role_count_day, lead_share_pct_day, union_share_pct_day, median_rate_day_usd, "
        "sentiment_avg_day, theme_ai_share_pct_day",
        "pulse.pulse_release",
    ),
    "the log of releases": (
        "pulse.release_log",
        "date_utc, region_code, proj_type_code, suppression_reason, released_at",
        "pulse.release_log",
    ),
    "scores of texts": (
        "intermediate.int_pulse__keep_sentiment",
        "text_hash, sentiment_model, model_version, polarity_millionths",
        "intermediate.int_pulse__keep_sentiment",
    ),
    "model runs": ("resonance.model_runs", "model_run_id, manifest", "resonance.model_runs"),
    "metrics of runs": ("resonance.model_metrics", "*", "resonance.model_metrics"),
    "curves of runs": ("resonance.model_curves", "*", "resonance.model_curves"),
    "trained models": ("resonance.model_artefacts", "*", "resonance.model_artefacts"),
    "dbt runs": ("operations.run_log", "run_id, node, status", "operations.run_log"),
}
ANSWERS = {
    "scores": "select id, score, industry, percentile from percentiles.scores",
    "history": "select id, computed_at_batch, industry, score, percentile from percentiles.score_history",
    "exact days": "select date_utc, region_code, proj_type_code, role_count_day, median_rate_day_usd from pulse.pulse_daily",
}


@dataclass(frozen=True)
class Upgrade:
    """The database as the first edition left it, and after two builds of today."""

    before: Path
    workspace: Workspace

    def lost(self, query_before: str, query_after: str) -> list[Any]:
        """Return rows that the old database held and the new one does not."""
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self.before}' as old (read_only); attach '{self.workspace.database}' as new (read_only)")
            connection.execute("use old")
            rows = connection.execute(query_before).fetchall()
            connection.execute("use new")
            left = set(map(repr, connection.execute(query_after).fetchall()))
        assert rows
        return [row for row in rows if repr(row) not in left]


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    home = tmp_path_factory.mktemp("old") / "home"
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(home, filter="data")
    database = home / "data" / "callsheet.duckdb"
    before = home.with_name("before.duckdb")
    with duckdb.connect(str(database)) as connection:
        for table in ("stg_percentiles__landed", "stg_pulse__landed"):
            connection.execute(f"update staging.{table} set dataset = '{home}' || substr(dataset, strpos(dataset, '/callsheet/') + 10)")
    before.write_bytes(database.read_bytes())
    workspace = Workspace(home, database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        for _ in range(2):
            Dbt(workspace).build("--exclude-resource-type", "test", "unit_test")
    return Upgrade(before, workspace)


@pytest.mark.parametrize("what", STATE)
def test_state_is_kept(what: str, upgrade: Upgrade) -> None:
    old, columns, new = STATE[what]
    assert upgrade.lost(f"select {columns} from {old}", f"select {columns} from {new}") == []


@pytest.mark.parametrize("what", ANSWERS)
def test_answers_are_the_same(what: str, upgrade: Upgrade) -> None:
    assert upgrade.lost(ANSWERS[what], ANSWERS[what]) == []


def test_no_client_is_told_of_a_restatement(upgrade: Upgrade) -> None:
    with upgrade.workspace.reading() as connection:
        assert connection.execute("select distinct cause from percentiles.score_history_superseded").fetchall() == [("corrected batch",)]


def test_tables_of_former_models_are_gone_and_only_those(upgrade: Upgrade) -> None:
    def tables(database: Path) -> set[str]:
        with duckdb.connect(str(database), read_only=True) as connection:
            return {
                f"{schema}.{name}" for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            }

    gone = tables(upgrade.before) - tables(upgrade.workspace.database)
    with duckdb.connect(str(upgrade.before), read_only=True) as connection:
        ours = {node for (node,) in connection.execute("select distinct node from operations.run_log").fetchall()}
    assert {name.split(".")[1] for name in gone} <= ours


def test_the_next_batch_is_judged_by_the_industries_of_that_home(upgrade: Upgrade) -> None:
    home = upgrade.workspace.home
    (home / "batches" / "batch_6.json").write_text(str([asset(f"b6-{i}", 0.5, "Luxury") for i in range(3)]).replace("'", '"'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        Dbt(upgrade.workspace).build("--select", "percentiles", "--exclude-resource-type", "test", "unit_test")
    with upgrade.workspace.reading() as connection:
        new = "select count(*) from percentiles.latest_scores where batch_no = 6 and industry = 'Luxury'"
        assert connection.execute(new).fetchall() == [(3,)]
