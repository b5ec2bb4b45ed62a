from callsheet.resonance.slates.briefing import answer_briefs


def model(dbt, session):
    """Answer every usable brief by the function that the script and the app call too."""
    dbt.config(materialized="table")
    return answer_briefs(
        session,
        dbt.ref("int_resonance__judge_briefs"),
        {
            "film_results": dbt.ref("int_resonance__films"),
            "casts": dbt.ref("int_resonance__casts"),
            "person_states": dbt.ref("int_resonance__person_states"),
            "year_states": dbt.ref("int_resonance__year_states"),
            "feature_contract": dbt.ref("int_resonance__feature_contract"),
            "model_artefacts": dbt.ref("int_resonance__artefact_history"),
        },
    )
