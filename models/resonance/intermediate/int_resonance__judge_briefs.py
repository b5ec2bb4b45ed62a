from callsheet.resonance.slates.briefing import judge_briefs


def model(dbt, session):
    """Judge every landed brief by the form that the script and the app use too."""
    dbt.config(materialized="table")
    return judge_briefs(
        dbt.ref("stg_resonance__briefs"),
        dbt.ref("int_resonance__films"),
        dbt.ref("int_resonance__casts"),
        dbt.ref("int_resonance__feature_contract"),
        dbt.config.get("train_cutoff_year"),
    )
