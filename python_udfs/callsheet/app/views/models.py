"""Models: how good they are on films they never saw, whether a probability means what it says, and whether anything leaks."""

import pandas as pd
import streamlit as st

from callsheet.app import charts, parts
from callsheet.app.published import NothingToShowError, Published, each
from callsheet.app.queries import resonance
from callsheet.app.words import LABEL_MEANINGS, LABELS, MODELS
from callsheet.resonance.training.evaluation import BILLING_GAP_LIMIT

COMPARED = ("actor_head_platt", "logistic_regression", "director_past_mean", "actor_past_mean", "raw_budget", "prevalence")
HEADLINES = {
    "auroc": ("Ranks right", "AUROC: of two credits, one good and one not, how often the good one is ranked higher. 0.5 is chance."),
    "pr_auc": ("Finds the good ones", "PR-AUC: precision over all cuts. Chance is the share of good credits."),
    "ece": ("Says what is so", "Expected calibration error, 15 bins: how far a stated probability is from what comes true. 0 is perfect."),
    "brier": ("Misses by", "Brier score: mean squared distance between probability and outcome. 0 is perfect."),
}
FOUND = {
    "recall_at_15": "Recall at 15",
    "recall_at_50": "Recall at 50",
    "ndcg_at_15": "NDCG at 15",
    "mrr": "MRR",
    "mean_p": "Mean probability",
}
RETRIEVAL = {
    "recall_at_50": "Recall at 50",
    "recall_at_200": "Recall at 200",
    "ndcg_at_10": "NDCG at 10",
    "mrr": "MRR",
    "newcomer_share": "Newcomers",
}
CHECKS = {
    "calibration_drift": "Calibration error since the run before",
    "last_year_weaker": "Last year weaker than those before",
    "threshold_moved": "A label's bar moved since the run before",
    "worse_than_chance": "Ranks worse than chance",
}
SHOWN_COLUMNS = 15


def page() -> None:
    """Lay out the page."""
    source = parts.open_page("Models", "public", resonance.NEEDS)
    runs = resonance.runs(source)
    if runs.empty:
        parts.say_what_is_missing(NothingToShowError("No model has been trained yet.", "dbt build", "python scripts/publish.py"))
    st.markdown(
        "How well the heads behind a slate do **on films of later years than any they learnt from**, beside what is far simpler. "
        "An aid that narrows a search and says how sure it is; never a verdict on a person."
    )
    left, right = st.columns(2)
    first = next(iter(LABELS))
    label = left.segmented_control(
        "What is predicted", list(LABELS), default=first, required=True, format_func=LABELS.__getitem__, key="label"
    )
    names = {run.model_run_id: f"{run.trained_at:%-d %b %Y, %H:%M} UTC · {run.model_run_id[:8]}" for run in each(runs)}
    run = right.selectbox("Training run", list(names), format_func=names.__getitem__, key="run")
    label = label or first
    st.caption(LABEL_MEANINGS[label])
    chosen = runs[runs["model_run_id"] == run].iloc[0]
    holdout = resonance.metrics(source, run, label, "holdout")
    if holdout.empty:
        st.info(
            f"This run measured nothing after {chosen['train_cutoff_year']}, its cutoff: no later film has a known outcome of both kinds.",
            icon=":material/info:",
        )
    else:
        _headlines(holdout)
        _against_baselines(holdout)
        _calibration(source, run, label, holdout)
        _by_year(source, run, label)
    _leans_on(source, run, label)
    _retrieval(source, run)
    _checks(source, run)
    _runs(source, runs)


def _headlines(holdout: pd.DataFrame) -> None:
    data = holdout[holdout["model"] == "data"].set_index("metric")["value"]
    st.caption(
        f"Holdout: {data.get('film_count', 0):,.0f} films, {data.get('row_count', 0):,.0f} credits, {data.get('positive_share', 0):.0%} "
        "of them good. Below each figure: where 95 % of redraws of these films would put it."
    )
    ours = holdout[holdout["model"] == "actor_head_platt"].set_index("metric")
    for column, (metric, (title, meaning)) in zip(st.columns(len(HEADLINES)), HEADLINES.items(), strict=True):
        if metric in ours.index:
            value, low, high = ours.loc[metric, ["value", "low", "high"]]
            column.metric(
                title, f"{value:.3f}", f"{low:.3f} to {high:.3f}", delta_color="off", delta_arrow="off", border=True, help=meaning
            )


def _against_baselines(holdout: pd.DataFrame) -> None:
    st.subheader("Beside simpler ways", anchor=False)
    st.caption(
        "Dot: what was measured. Line: its 95 % interval. Where intervals overlap much, the simpler way may do as well. Dashed: chance."
    )
    shown = holdout[holdout["model"].isin(COMPARED)]
    share = holdout[(holdout["model"] == "data") & (holdout["metric"] == "positive_share")]["value"]
    for column, metric, title, chance in zip(
        st.columns(2), ("auroc", "pr_auc"), ("AUROC", "PR-AUC"), (0.5, share.iloc[0] if len(share) else None), strict=True
    ):
        rows = shown[(shown["metric"] == metric) & (shown["model"] != "prevalence")]
        if not rows.empty:
            with column:
                parts.chart(
                    charts.intervals(rows, title, chance=chance),
                    f"{title} by model: " + ", ".join(f"{row.name} {row.value:.3f}" for row in each(rows)) + ".",
                )


def _calibration(source: Published, run: str, label: str, holdout: pd.DataFrame) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("Does it come true as often as it is said?", anchor=False)
        points = resonance.curve(source, run, label, "reliability", ("actor_head_platt", "actor_head", "raw_budget"))
        st.caption("On the dashed line a probability means what it says. Larger dots stand for more credits.")
        parts.chart(charts.reliability(points), "Reliability: probability said against share that came true, by model.")
    with right:
        st.subheader("Of those it names, how many are right?", anchor=False)
        share = holdout[(holdout["model"] == "data") & (holdout["metric"] == "positive_share")]["value"]
        points = resonance.curve(source, run, label, "precision_recall", ("actor_head_platt", "director_past_mean", "raw_budget"))
        st.caption("The further one goes down the ranking, the more good ones are found and the fewer of those named are right.")
        parts.chart(
            charts.precision_recall(points, share.iloc[0] if len(share) else 0.0), "Precision against recall on the holdout, by model."
        )


def _by_year(source: Published, run: str, label: str) -> None:
    rows = resonance.metrics(source, run, label, "holdout", "year")
    rows = rows[rows["metric"] == "auroc"]
    if rows.empty:
        return
    st.subheader("Year by year", anchor=False)
    st.caption("AUROC of each holdout year. A model that only knew the past would fade with the years; one that peeked would not.")
    parts.chart(
        charts.years(rows.assign(year=rows["slice"].str.removeprefix("year=").astype(int)), "AUROC"),
        "AUROC by holdout year for the calibrated head and for raw budget.",
    )


def _leans_on(source: Published, run: str, label: str) -> None:
    left, right = st.columns(2)
    parts_left_out = resonance.metrics(source, run, label, "validation", "without").set_index("slice")["value"]
    whole = "without=nothing"
    if whole in parts_left_out:
        with left:
            st.subheader("What it loses without …", anchor=False)
            st.caption("AUROC on validation years that training without this group of features costs. Below zero: it did better without.")
            lost = (parts_left_out[whole] - parts_left_out.drop(whole)).rename("lost").reset_index()
            lost["part"] = lost["slice"].str.removeprefix("without=").str.replace("_", " ")
            parts.chart(charts.signed_bars(lost, "part", "lost", "AUROC lost", "+.3f"), "AUROC lost without each group of features.")
    permuted = resonance.metrics(source, run, label, "validation", "permuted")
    if not permuted.empty:
        with right:
            st.subheader("Which features it leans on", anchor=False)
            st.caption(f"AUROC on validation years that shuffling one feature costs. The {SHOWN_COLUMNS} that cost most.")
            top = permuted.nlargest(SHOWN_COLUMNS, "value").assign(feature=lambda rows: rows["slice"].str.removeprefix("permuted="))
            parts.chart(charts.signed_bars(top, "feature", "value", "AUROC lost", "+.3f"), "AUROC lost when a feature is shuffled.")


def _retrieval(source: Published, run: str) -> None:
    rows = resonance.metrics(source, run, "all", "holdout")
    rows = rows[rows["metric"].isin(RETRIEVAL) & rows["model"].isin(MODELS)]
    if rows.empty:
        return
    st.subheader("Does it find who was cast?", anchor=False)
    st.caption(
        "For each holdout film all known actors are ranked from its brief alone. Recall at 50: the part of its cast among the first 50. "
        "Newcomers: the share of the first 50 without an earlier film; they are served worse, for little is known of them."
    )
    wide = rows.pivot_table(index="name", columns="metric", values="value").reset_index().sort_values("recall_at_50", ascending=False)
    columns = {metric: st.column_config.NumberColumn(title, format="%.3f") for metric, title in RETRIEVAL.items()}
    parts.table(wide, {"name": "Ranking", **columns})
    slates = resonance.metrics(source, run, "high_resonance", "holdout", "path")
    slates = slates[slates["model"].str.startswith("slate") & slates["metric"].isin(FOUND)]
    if slates.empty:
        return
    st.caption(
        "The slates that are served, with the director named and without, beside plainer orders of the same films; and how likely they "
        "say their films are on average."
    )
    slates["name"] = slates["model"].str.replace("_", " ") + slates["slice"].map({"path=no_director": ", no director"}).fillna("")
    wide = slates.pivot_table(index="name", columns="metric", values="value").reset_index().sort_values("recall_at_15", ascending=False)
    columns = {metric: st.column_config.NumberColumn(title, format="%.3f") for metric, title in FOUND.items()}
    parts.table(wide, {"name": "Slate of the lead", **columns})


def _checks(source: Published, run: str) -> None:
    st.subheader("Alarms and leaks", anchor=False)
    checks = resonance.monitoring(source, run)
    alarms = checks[checks["has_alarm"]]
    if alarms.empty:
        st.success(f"None of this run's {len(checks)} checks raises an alarm.", icon=":material/check_circle:")
    for alarm in each(alarms):
        st.error(
            f"{CHECKS.get(alarm.check_name, alarm.check_name)}: {LABELS[alarm.label]}, {alarm.subject}: {alarm.value:.3f} "
            f"(limit {alarm.limit_value:.3f}).",
            icon=":material/warning:",
        )
    gaps = pd.concat(resonance.metrics(source, run, label, "holdout", "bill_order").assign(label=label) for label in LABELS)
    for gap in each(gaps[(gaps["metric"] == "auroc_gap") & (gaps["model"] == "actor_head_platt")]):
        leaks = gap.low > BILLING_GAP_LIMIT
        st.markdown(
            f"- **{LABELS[gap.label]}**: AUROC of later-billed credits less that of the first-billed is {gap.value:+.3f} "
            f"({gap.low:+.3f} to {gap.high:+.3f}). All of it above {BILLING_GAP_LIMIT} would be "
            f"a leak: {'**it is**' if leaks else 'it is not'}."
        )
    with st.expander("Every check"):
        parts.table(
            checks.assign(check=checks["check_name"].map(CHECKS), target=checks["label"].map(LABELS)),
            {
                "has_alarm": "Alarm",
                "check": "Check",
                "target": "Predicted",
                "subject": "Of",
                "value": st.column_config.NumberColumn("Value", format="%.3f"),
                "reference_value": st.column_config.NumberColumn("Compared with", format="%.3f"),
                "limit_value": st.column_config.NumberColumn("Limit", format="%.3f"),
            },
        )


def _runs(source: Published, runs: pd.DataFrame) -> None:
    st.subheader("Runs", anchor=False)
    st.caption("A run is known by the hash of what went in: the same is never trained twice, and its manifest is enough to repeat it.")
    columns = {label: st.column_config.NumberColumn(f"AUROC: {title}", format="%.3f") for label, title in LABELS.items()}
    history = resonance.history(source, "auroc").pivot_table(index="model_run_id", columns="label", values="value").reset_index()
    parts.table(
        runs.merge(history, on="model_run_id", how="left"),
        {
            "trained_at": st.column_config.DatetimeColumn("Trained (UTC)", format="D MMM YYYY, HH:mm"),
            "model_run_id": "Run",
            "train_cutoff_year": st.column_config.NumberColumn("Cutoff", format="%d"),
            "fit_count": st.column_config.NumberColumn("Fit", format="localized"),
            "validation_count": st.column_config.NumberColumn("Validation", format="localized"),
            "holdout_count": st.column_config.NumberColumn("Holdout", format="localized"),
            **{label: column for label, column in columns.items() if label in history},
        },
    )
    with st.container(horizontal=True):
        newest = next(each(runs))
        parts.download("Manifest of the newest run", newest.manifest, f"manifest_{newest.model_run_id}.json", kind="application/json")
        parts.download_table(source, "model_metrics", "model_metrics.csv")
