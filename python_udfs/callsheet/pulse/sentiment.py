"""Polarity of texts, -1 to 1: as TextBlob's default analyzer gives it, to the last bit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from queue import SimpleQueue
from typing import TYPE_CHECKING

from callsheet.workspace import PROJECT

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 2_000  # texts handed over at once: a second's work at most, so that processes end together
WORTH_A_PROCESS = 20_000  # a process takes two seconds to start and its library to load, in which the first one scores 10,000 texts


def model_version(model: str) -> str:
    """Return the version of the library behind a model, whose package has its name; another version may score otherwise."""
    return version(model)


def scorer() -> Callable[[str], float]:
    """Return the function that scores one text. Imported here: every dbt command would pay for it otherwise."""
    from textblob.en import sentiment  # noqa: PLC0415 - see above

    # What TextBlob(text).sentiment.polarity returns, without building a blob, which takes as long again.
    return lambda text: float(sentiment(text)[0])


def score(texts: Sequence[str], processes: int | None = None) -> list[float]:
    """Return the polarity of each text. `processes`: None for as many as pay, 1 for this one alone."""
    if processes is None:
        processes = max(1, min(os.cpu_count() or 1, len(texts) // WORTH_A_PROCESS))
    if processes == 1:
        score_text = scorer()
        return [score_text(text) for text in texts]
    chunks: SimpleQueue[tuple[int, Sequence[str]] | None] = SimpleQueue()
    for start in range(0, len(texts), CHUNK):
        chunks.put((start, texts[start : start + CHUNK]))
    for _ in range(processes):
        chunks.put(None)
    scores = [0.0] * len(texts)
    with ThreadPoolExecutor(processes) as pool:
        for done in [pool.submit(_feed, chunks, scores) for _ in range(processes)]:
            done.result()
    return scores


def _feed(chunks: "SimpleQueue[tuple[int, Sequence[str]] | None]", scores: list[float]) -> None:
    """Have a process of its own score chunk after chunk.

    A plain child with two pipes: a fork would copy the locks of DuckDB's threads, and a spawned worker would import all of dbt again.
    """
    command = [sys.executable, "-m", "callsheet.pulse.sentiment"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT / "python_udfs"), os.environ.get("PYTHONPATH")]))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:  # noqa: S603 - own module
        assert child.stdin and child.stdout  # noqa: S101 - both are pipes
        while (chunk := chunks.get()) is not None:
            start, texts = chunk
            child.stdin.write(json.dumps(list(texts)) + "\n")
            child.stdin.flush()
            scores[start : start + len(texts)] = json.loads(child.stdout.readline())
        child.stdin.close()


def score_table(batches: "Iterator[pa.RecordBatch]") -> "pa.Table":
    """Return one scored row per row of (text_hash, text, sentiment_model, model_version)."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    columns_scored = pa.schema(
        [
            ("text_hash", pa.int64()),
            ("sentiment_model", pa.string()),
            ("model_version", pa.string()),
            ("polarity", pa.float64()),
            ("polarity_millionths", pa.int64()),
        ]
    )
    scored = []
    for batch in batches:
        if batch.num_rows:
            polarities = score(batch["text"].to_pylist())
            columns = [
                batch["text_hash"],
                batch["sentiment_model"],
                batch["model_version"],
                pa.array(polarities, pa.float64()),
                pa.array([round(polarity * 1_000_000) for polarity in polarities], pa.int64()),
            ]
            scored.append(pa.RecordBatch.from_arrays(columns, schema=columns_scored))
    return pa.Table.from_batches(scored, columns_scored)


def main() -> None:
    """Score lines of texts: a JSON list in, a JSON list out. What a child process runs."""
    score_text = scorer()
    for line in sys.stdin:
        print(json.dumps([score_text(text) for text in json.loads(line)]), flush=True)


if __name__ == "__main__":
    main()
