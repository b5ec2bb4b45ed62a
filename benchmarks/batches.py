"""Made-up batches of scores, as large as one likes."""

from pathlib import Path

import numpy as np

INDUSTRIES = np.array(["Cars", "Hair care", "Food", "Clothing"])


def write_batch(folder: Path, number: int, assets: int) -> None:
    """Write one batch of whole rows; four decimals, as models that report four decimals do."""
    chance = np.random.default_rng(number)
    scores = chance.normal(0.5, 0.18, assets).round(4)
    industries = INDUSTRIES[chance.integers(0, len(INDUSTRIES), assets)]
    rows = (
        f'{{"id":"01J{number:05d}{row:018d}","score":{score},"industry":"{industry}"}}'
        for row, (score, industry) in enumerate(zip(scores, industries, strict=True))
    )
    (folder / f"batch_{number}.json").write_text("[" + ",\n".join(rows) + "]")
