from callsheet.resonance.jobs import evaluate_run


def model(dbt, session):
    """Measure what was predicted: every metric and every point of every curve."""
    dbt.config(materialized="table")
    return evaluate_run(
        session,
        dbt.ref("int_resonance__plan_runs"),
        dbt.ref("int_resonance__fit"),
        dbt.ref("int_resonance__predict"),
        dbt.ref("int_resonance__features"),
        dbt.ref("label_thresholds"),
        {
            "film_results": dbt.ref("film_results"),
            "casts": dbt.ref("casts"),
            "person_states": dbt.ref("person_states"),
            "year_states": dbt.ref("year_states"),
            "feature_contract": dbt.ref("feature_contract"),
        },
    )
