from callsheet.resonance.training.jobs import evaluate_run


def model(dbt, session):
    """Measure what was predicted: every metric and every point of every curve."""
    dbt.config(materialized="table")
    return evaluate_run(
        dbt.ref("int_resonance__plan_runs"),
        dbt.ref("int_resonance__fit"),
        dbt.ref("int_resonance__predict"),
        dbt.ref("int_resonance__features"),
        dbt.ref("label_thresholds"),
    )
