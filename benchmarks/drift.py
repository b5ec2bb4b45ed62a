"""What drift alarms see, and how often they are wrong: `python -m benchmarks.drift`, about 30 minutes on one core.

Histories of one industry, 20 batches of 100 scores, the first three batches being the baseline. The models' compiled SQL judges them over
made-up tables, all of a chunk at once. Beside it stand the default rules of three libraries: river's own code (`pip install --no-deps
river==0.26.1`, else its row is left out), and the published rules of Evidently 0.7 and NannyML 0.13, which bring more than a benchmark may.
"""

import argparse
import importlib
import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

Scores = np.ndarray[Any, np.dtype[np.float64]]  # history, batch, score
Alarms = np.ndarray[Any, np.dtype[np.bool_]]  # history, batch

BATCHES, SCORES, BASELINE, BEGIN = 20, 100, 3, 5  # the first batch that has changed is the fifth
CHUNK = 400  # histories that one run of the SQL judges: about a gigabyte
MODELS = ("score_distribution", "int_percentiles__measure_drift", "int_percentiles__accumulate_drift", "score_drift")


def stationary(chance: np.random.Generator, histories: int) -> Scores:
    """Return scores of one normal distribution: mean 0.5, standard deviation 0.18, four decimals."""
    return np.asarray(chance.normal(0.5, 0.18, (histories, BATCHES, SCORES)).round(4))


def _two_humps(chance: np.random.Generator, scores: Scores) -> Scores:
    """Return scores of the same mean and deviation about two centres."""
    z = np.where(chance.random(scores.shape) < 0.5, -0.9, 0.9) + np.sqrt(1 - 0.9**2) * (scores - 0.5) / 0.18
    return np.asarray(0.5 + 0.18 * z)


def _one_sentinel(_: np.random.Generator, scores: Scores) -> Scores:
    moved = scores + 0.18
    moved[:, :, 0] = -999
    return moved


CHANGES: dict[str, Callable[[np.random.Generator, Scores], Scores]] = {
    "none": lambda _, scores: scores,
    "0.3 sd step": lambda _, scores: scores + 0.3 * 0.18,
    "sd × 1.5": lambda _, scores: 0.5 + 1.5 * (scores - 0.5),
    "sd × 0.5": lambda _, scores: 0.5 + 0.5 * (scores - 0.5),
    "constant": lambda _, scores: np.full_like(scores, 0.5),
    "bimodal": _two_humps,
    "+1 sd, one −999": _one_sentinel,
}
TREND = ".02 sd a batch"  # from the first batch on, so that the baseline has it too


def changed(chance: np.random.Generator, name: str, histories: int) -> Scores:
    """Return histories with a named change."""
    scores = stationary(chance, histories)
    if name == TREND:
        return (scores + 0.02 * 0.18 * np.arange(BATCHES)[:, None]).round(4)
    scores[:, BEGIN - 1 :] = CHANGES[name](chance, scores[:, BEGIN - 1 :])
    return scores.round(4)


class Models:
    """The compiled SQL of the drift models, on tables that are made up."""

    def __init__(self) -> None:
        """Compile the project once, in a home that is thrown away."""
        with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
            Dbt(Workspace(Path(scratch), Path(scratch) / "data" / "callsheet.duckdb")).compile()
            texts = {path.stem: path.read_text() for path in Path(scratch).rglob("compiled/**/*.sql")}
        self._sql = {name: texts[name] for name in MODELS}

    def alarms(self, scores: Scores) -> tuple[Alarms, Alarms]:
        """Return where the level is alert, and where the mean alone would have alarmed: |z| > 4 and a tenth of a standard deviation."""
        parts = [self._judge(scores[start : start + CHUNK]) for start in range(0, len(scores), CHUNK)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _judge(self, scores: Scores) -> tuple[Alarms, Alarms]:
        with duckdb.connect() as connection:
            connection.register("drawn", {"score": scores.ravel(), "place": np.arange(scores.size)})
            connection.execute(TABLES)
            for name in MODELS:
                schema = "intermediate" if name.startswith("int_") else "percentiles"
                connection.execute(f"create table {schema}.{name} as {self._sql[name]}")
            found = connection.execute(
                "select industry::int as history, iteration - 1 as batch, level = 'alert', "
                "coalesce(abs(z) > 4 and abs(cohens_d) >= 0.1, false) from percentiles.score_drift where iteration > $baseline",
                {"baseline": BASELINE},
            ).fetchnumpy()
        history, batch, *verdicts = found.values()
        tables = [np.zeros(scores.shape[:2], dtype=bool) for _ in verdicts]
        for table, verdict in zip(tables, verdicts, strict=True):
            table[history, batch] = verdict
        return tables[0], tables[1]


TABLES = f"""
create schema intermediate;
create schema percentiles;
create table intermediate.int_percentiles__judge_records as
select
    place // {SCORES} % {BATCHES} + 1 as batch_no, place // {SCORES} % {BATCHES} + 1 as fingerprint,
    (place // {SCORES * BATCHES})::varchar as industry, place::varchar as asset_id, score, null::varchar as reject_reason
from drawn;
create table intermediate.int_percentiles__define_windows as
select
    iteration, iteration - age as batch_no, age, iteration - age as delivery_fingerprint, iteration + 1000 as fingerprint,
    iteration >= {BASELINE} as is_complete
from range(1, {BATCHES} + 1) as iterations(iteration), range({BASELINE}) as ages(age)
where iteration > age;
create table intermediate.int_percentiles__find_repeats as
select null::varchar as asset_id, batch_no, null::bigint as earlier_batch_no from intermediate.int_percentiles__define_windows;
create table intermediate.int_percentiles__choose_baselines as
select distinct batch_no, industry, 1 as baseline_from, {BASELINE} as baseline_to, industry::bigint as baseline_fingerprint
from intermediate.int_percentiles__judge_records;
create table percentiles.percentile_curve as
select windows.iteration, records.industry, records.score, count(*) as equal_count, windows.fingerprint
from intermediate.int_percentiles__define_windows as windows
inner join intermediate.int_percentiles__judge_records as records using (batch_no)
where windows.is_complete
group by all;
"""


def evidently(history: Scores) -> Alarms:
    """Judge each batch by Evidently's default for numbers in a reference of up to 1,000 rows: Kolmogorov-Smirnov, p < 0.05."""
    baseline = history[:BASELINE].ravel()
    return np.array([number >= BASELINE and ks_2samp(batch, baseline).pvalue < 0.05 for number, batch in enumerate(history)])


def nannyml(history: Scores) -> Alarms:
    """Judge by NannyML's default: Jensen-Shannon distance in Doane's bins, three deviations above its mean over the reference's chunks."""
    edges = np.histogram_bin_edges(history[:BASELINE], bins="doane")
    shares = np.array([np.histogram(batch, bins=edges)[0] / SCORES for batch in history])
    shares = np.column_stack([shares, np.maximum(0, 1 - shares.sum(axis=1))])
    distances = np.array([jensenshannon(share, shares[:BASELINE].mean(axis=0), base=2) for share in shares])
    limit = distances[:BASELINE].mean() + 3 * distances[:BASELINE].std()
    return np.asarray((distances > limit) & (np.arange(BATCHES) >= BASELINE))


def adwin(history: Scores) -> Alarms:
    """Judge by river's ADWIN as it comes, score by score."""
    detector = importlib.import_module("river.drift").ADWIN()
    alarms = np.zeros(BATCHES, dtype=bool)
    for number, batch in enumerate(history):
        for score in batch:
            detector.update(float(score))
            alarms[number] |= detector.drift_detected and number >= BASELINE
    return alarms


def rivals() -> dict[str, Callable[[Scores], Alarms]]:
    """Return the other rules by name: river's where it is installed."""
    rules: dict[str, Callable[[Scores], Alarms]] = {"Evidently: KS p < 0.05": evidently, "NannyML: JS, 3 sd": nannyml}
    return rules | ({"river: ADWIN": adwin} if importlib.util.find_spec("river") else {})


def shares(models: Models, chance: np.random.Generator, name: str, histories: int) -> dict[str, float]:
    """Return the percentage of histories with a named change in which each rule alarms."""
    scores = changed(chance, name, histories)
    ours, mean_alone = models.alarms(scores)
    verdicts = {"callsheet": ours, "callsheet before: the mean alone": mean_alone}
    verdicts |= {rival: np.array([rule(history) for history in scores]) for rival, rule in rivals().items()}
    return {rule: 100 * float(alarms.any(axis=1).mean()) for rule, alarms in verdicts.items()}


def alarmed_groups(models: Models, chance: np.random.Generator, groups: int) -> int:
    """Return how many groups of four stationary industries alarm."""
    alarms = np.concatenate([models.alarms(stationary(chance, CHUNK))[0] for _ in range(0, 4 * groups, CHUNK)])
    return int(alarms[: 4 * groups].any(axis=1).reshape(groups, 4).any(axis=1).sum())


def main() -> None:
    """Print the table, and how many groups of four stationary industries alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["none", "0.3 sd step", TREND, *list(CHANGES)[2:]]
    parser.add_argument("--changes", nargs="*", choices=names, default=names, help="columns of the table")
    parser.add_argument("--histories", type=int, default=1000, help="for each change; 0: no table")
    parser.add_argument("--groups", type=int, default=2000, help="stationary groups of four industries")
    parser.add_argument("--seed", type=int, default=2026, help="of the drawn scores, so that a long run can be made in parts")
    options = parser.parse_args()
    models, chance = Models(), np.random.default_rng(options.seed)
    if options.histories:
        columns = [shares(models, chance, name, options.histories) for name in options.changes]
        print("| alarms in % of histories |", " | ".join(options.changes), "|")
        print("|" + "---|" * (len(columns) + 1))
        for rule in columns[0]:
            print(f"| {rule} |", " | ".join(f"{column[rule]:.3g}" for column in columns), "|", flush=True)
    if options.groups:
        found = alarmed_groups(models, chance, options.groups)
        print(f"Stationary groups of four that alarm: {found} of {options.groups} ({100 * found / options.groups:.2f} %)")


if __name__ == "__main__":
    main()
