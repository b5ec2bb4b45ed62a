from callsheet.resonance.slates.answer_briefs import answer_briefs


def model(dbt, session):
    """Answer every usable brief by the function that the script and the app call too."""
    dbt.config(materialized="table")
    return answer_briefs(
        session,
        dbt.ref("int_resonance__judge_briefs"),
        {
            "film_results": dbt.ref("film_results"),
            "casts": dbt.ref("casts"),
            "person_states": dbt.ref("person_states"),
            "year_states": dbt.ref("year_states"),
            "feature_contract": dbt.ref("feature_contract"),
            "model_artefacts": dbt.ref("model_artefacts"),
            "person_facts": dbt.ref("person_facts"),
        },
    )
