from callsheet.resonance.slates.answer_briefs import judge_briefs


def model(dbt, session):
    """Judge every landed brief by the form that the script and the app use too."""
    dbt.config(materialized="table")
    return judge_briefs(
        dbt.ref("stg_resonance__briefs"),
        dbt.ref("film_results"),
        dbt.ref("casts"),
        dbt.ref("feature_contract"),
        dbt.config.get("train_cutoff_year"),
    )
