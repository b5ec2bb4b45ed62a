from callsheet.resonance.training.jobs import fit_run


def model(dbt, session):
    """Fit the heads of a run that is new; no row where nothing has to be trained."""
    dbt.config(materialized="table")
    return fit_run(
        dbt.ref("int_resonance__plan_runs"),
        dbt.ref("int_resonance__features"),
        dbt.ref("int_resonance__director_features"),
    )
