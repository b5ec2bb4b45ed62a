from callsheet.resonance.jobs import fit_run


def model(dbt, session):
    """Fit the heads of a run that is new; no row where nothing has to be trained."""
    dbt.config(materialized="table")
    return fit_run(
        session,
        dbt.ref("int_resonance__plan_runs"),
        dbt.ref("int_resonance__features"),
        dbt.ref("int_resonance__director_features"),
        {
            "film_results": dbt.ref("film_results"),
            "casts": dbt.ref("casts"),
            "person_states": dbt.ref("person_states"),
            "year_states": dbt.ref("year_states"),
            "feature_contract": dbt.ref("feature_contract"),
        },
    )
