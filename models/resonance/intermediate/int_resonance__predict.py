from callsheet.resonance.jobs import predict_run


def model(dbt, session):
    """Predict validation and holdout from the stored bytes of the heads, as anybody else would."""
    dbt.config(materialized="table")
    return predict_run(
        dbt.ref("int_resonance__plan_runs"),
        dbt.ref("int_resonance__fit"),
        dbt.ref("int_resonance__features"),
        dbt.ref("int_resonance__director_features"),
    )
