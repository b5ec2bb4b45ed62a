"""One row per text that has no score yet. Which model scores stands in the rows, so that a run's var reaches a project parsed before."""

from callsheet.pulse.sentiment import score_table


def model(dbt, session):
    """Score the texts batch by batch."""
    texts = dbt.ref("int_pulse__find_new_texts")
    return score_table(texts.to_arrow_reader(200_000))
