"""Slate: a brief in, ranked actors out, with how sure that is, why, and who else."""

from typing import Any

import pandas as pd
import streamlit as st

from callsheet.app import charts, parts
from callsheet.app.published import NothingToShowError, Published, each
from callsheet.app.queries import slates
from callsheet.resonance.reports import report
from callsheet.resonance.slates.briefs import (
    GENDERS,
    LARGEST_BILL_ORDER,
    LARGEST_BUDGET,
    LARGEST_TOP,
    OLDEST,
    Brief,
    BriefVocabulary,
    parse_brief,
)
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.comparing import STAYED
from callsheet.resonance.slates.make_slate import Slate, heading
from callsheet.runtime.errors import UnusableInputError

DEFAULT_GENRES = ("action", "thriller")
SHOWN_REASONS = 12
KEPT = "kept_brief"
PERCENT = "%.1f %%"
PROBABILITIES = ["p_base", "p_cal", "p_high", "low", "high"]
RULES = {
    "use_diversity": ("Leave out near-duplicates", "No two actors of a slate who have the same kind of films with the same results."),
    "use_penalties": ("Penalties", "For a budget far from an actor's usual ones, and for very many films at once."),
    "use_cycle": ("Era cycle", "Moves all probabilities of a brief alike, never their order."),
    "calibrate": ("Calibrate", "Shows probabilities as they came true on validation years, not as the head says them."),
}


def page() -> None:
    """Lay out the page."""
    source = parts.open_page("Slate", "public", slates.NEEDS)
    st.markdown(
        "Whom to cast: actors ranked for a brief from what was known on 1 January of its year. It narrows a search and says how sure "
        "it is and why; it decides nothing. Age and gender rule out whom a brief asks to, and move no number; ethnicity is not in the "
        "data. Newcomers are served worse."
    )
    try:
        catalogue = slates.catalogue(source)
        known = catalogue.known
    except UnusableInputError as error:
        parts.say_what_is_missing(NothingToShowError(str(error), "dbt build", "python scripts/publish.py"))
    if known.first_year > known.last_year or not known.actors:
        parts.say_what_is_missing(NothingToShowError("No model has been trained yet.", "dbt build", "python scripts/publish.py"))
    fields = _form(known)
    try:
        brief = parse_brief(fields, known)
        slate = slates.slate(source, brief)
    except UnusableInputError as error:
        st.error(str(error), icon=":material/edit_off:")
        return
    st.header(heading(catalogue, brief), anchor=False)
    _roles(source, slate)
    if slate.rows:
        _why(slate)
        _directors(slate)
    _left_out(slate)
    _downloads(source, brief)
    _compared(source, catalogue, known, brief)


def _form(known: BriefVocabulary) -> dict[str, Any]:
    """Return the fields of the brief as they stand in the form."""
    fields: dict[str, Any] = {}
    with st.form("brief"):
        year, budget, bill_order, top = st.columns(4)
        fields["year"] = year.number_input(
            "Year",
            known.first_year,
            known.last_year,
            known.last_year,
            key="year",
            help="What came out from this year on is unknown to the slate.",
        )
        fields["budget"] = budget.number_input(
            "Budget, millions of USD", 0.0, LARGEST_BUDGET, 20.0, 5.0, "%g", key="budget", help="0 or empty: unknown."
        ) or None  # fmt: skip
        fields["bill_order"] = bill_order.number_input("Bill order", 1, LARGEST_BILL_ORDER, 1, key="bill_order", help="1 is the lead.")
        fields["top"] = top.number_input("Actors for each role", 1, LARGEST_TOP, 15, key="top")
        genres, director, keywords = st.columns(3)
        fields["genres"] = genres.multiselect(
            "Genres",
            known.genres,
            [genre for genre in DEFAULT_GENRES if genre in known.genres] or known.genres[:1],
            format_func=lambda genre: genre.replace("_", " ").capitalize(),
            key="genres",
        )
        fields["director"] = director.selectbox(
            "Director",
            sorted(known.directors, key=lambda person: (known.directors[person], person)),
            index=None,
            format_func=known.directors.__getitem__,
            placeholder="any",
            key="director",
        )
        fields["keywords"] = keywords.text_input(
            "Keywords", key="keywords", placeholder="heist, new york", help="What the film is about, as your films' keywords say it."
        )
        with st.expander("Roles, rules and filters"):
            fields |= _rules(known)
        st.form_submit_button("Rank actors", type="primary", icon=":material/groups:")
    if fields["roles"]:
        del fields["bill_order"]
    return fields


def _rules(known: BriefVocabulary) -> dict[str, Any]:
    """Return the rarer fields of the brief."""
    fields: dict[str, Any] = {}
    left, right = st.columns(2)
    lines = left.text_area(
        "Roles",
        key="roles",
        placeholder="Lead:1\nVillain:2",
        help="One a line, NAME:BILL. They take the place of the bill order; nobody gets two.",
    )
    fields["roles"] = ",".join(line for line in lines.splitlines() if line.strip())
    fields["attached"] = right.text_input("Has a part already", key="attached", placeholder="NAME:ROLE, parted by commas")
    fields["must_have"] = right.text_input("Must be on it", key="must_have", placeholder="names or ids, parted by commas")
    fields["excluded"] = right.text_input("Must not", key="excluded", placeholder="names or ids, parted by commas")
    for column, (name, label) in zip(
        st.columns(3),
        {
            "min_credits": "Earlier roles, at least",
            "max_credits": "Earlier roles, at most",
            "active_within_years": "A role within years (8 unless given)",
        }.items(),
        strict=True,
    ):
        fields[name] = column.number_input(label, 0 if name != "active_within_years" else 1, 100, None, key=name, placeholder="any")
    youngest, oldest, gender = st.columns(3)
    meaning = "In the film's year. Needs a people file."
    fields["min_age"] = youngest.number_input("Age, at least", 0, OLDEST, None, key="min_age", placeholder="any", help=meaning)
    fields["max_age"] = oldest.number_input("Age, at most", 0, OLDEST, None, key="max_age", placeholder="any", help=meaning)
    fields["gender"] = gender.selectbox("Gender", GENDERS, index=None, key="gender", placeholder="any", help="Needs a people file.")
    fields["include_dead"] = st.toggle("Also who has died", False, key="include_dead")
    fields["actor_genres"] = st.multiselect(
        "Has worked in one of", known.genres, format_func=lambda genre: genre.replace("_", " ").capitalize(), key="actor_genres"
    )
    for column, (name, (label, meaning)) in zip(st.columns(len(RULES)), RULES.items(), strict=True):
        fields[name] = column.toggle(label, True, key=name, help=meaning)
    cycle, synergy = st.columns(2)
    chosen = "the model's choice"
    fields["alpha"] = cycle.number_input("Weight of the era cycle", 0.0, 1.0, None, 0.1, key="alpha", placeholder=chosen)
    fields["synergy_weight"] = synergy.number_input(
        "Weight of history with the director", 0.0, 1.0, None, 0.05, key="synergy_weight", placeholder=chosen
    )
    return fields


def _roles(source: Published, slate: Slate) -> None:
    if slate.forecast.warning:
        st.warning(slate.forecast.warning, icon=":material/warning:")
    for line in slate.forecast.lines[1 if slate.forecast.warning else 0 :]:
        st.markdown(line.replace("$", r"\$"))
    for note in slate.notes:
        st.caption(note)
    if not slate.rows:
        st.info("Nobody is left: loosen a filter. Who was left out, and by which rule, stands below.", icon=":material/person_off:")
        return
    rows = pd.DataFrame(slate.rows)
    cast = slate.brief.roles_to_fill
    for tab, role in zip(st.tabs([f"{role.name}, billing {role.bill_order}" for role in cast]), cast, strict=True):
        with tab:
            _ranked(rows[rows["role"] == role.name])
    with st.expander("How far to trust these probabilities"):
        st.markdown(
            "A probability says how likely a film of this brief with this actor ends in the top quarter of its time. Most of it is the "
            "brief's own: budget, genre and director. The line is the 95 % interval that the training years leave open. On holdout years, "
            "which the model never saw, this is how often it came true:"
        )
        points = slates.reliability(source, slate.facts["model_run_id"])
        if points.empty:
            st.caption("No holdout year has a known outcome yet.")
        else:
            parts.chart(charts.reliability(points), "Reliability on the holdout: probability said against share that came true.")


def _ranked(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.markdown("Nobody is left for this role.")
        return
    first = rows.iloc[0]
    st.caption(
        "Dot: the calibrated probability. Line: its 95 % interval. The order is that of p_high, which adds how plausible the casting is "
        "and takes penalties off: a dot out of line was moved by one of them, and the table says how much."
    )
    parts.chart(
        charts.slate(rows),
        f"{len(rows)} actors by rank with calibrated probability and interval; first {first['actor_name']}, {first['p_cal']:.0%}.",
    )
    with st.expander("As a table, with what moved each"):
        number = st.column_config.NumberColumn
        shifts = {
            "cycle_shift": "Cycle",
            "synergy_shift": "History with director",
            "bfd_penalty": "Budget distance",
            "cadence_penalty": "Very many films",
            "history_penalty": "Few earlier roles",
            "plausibility": "Plausible casting",
            "actor_shift": "Unproven effect of the actor",
        }
        parts.table(
            _in_percent(rows),
            {
                "rank": number("Rank", width="small"),
                "actor_name": "Actor",
                "p_high": number(
                    "Ranks by", format=PERCENT, help="p_high: with plausibility, cycle, history with the director and penalties."
                ),
                "p_cal": number("Calibrated", format=PERCENT, help="p_cal: what to read as a probability."),
                "low": number("From", format=PERCENT),
                "high": number("To", format=PERCENT),
                "p_base": number("As fitted", format=PERCENT, help="p_base: what the head says by itself."),
                "credit_count": number("Earlier roles"),
                "last_year": number("Last role", format="%d"),
                "proposed_by": "Proposed by",
                **{name: number(label, format="%+.3f") for name, label in shifts.items()},
            },
        )


def _why(slate: Slate) -> None:
    st.subheader("Why this actor, and who else", anchor=False)
    actors = {(row["role"], row["person_id"]): row for row in slate.rows}
    several = len(slate.brief.roles_to_fill) > 1
    role, person = st.selectbox(
        "Actor",
        list(actors),
        format_func=lambda one: f"{actors[one]['rank']}. {actors[one]['actor_name']}" + (f" · {one[0]}" if several else ""),
        key="actor",
    )
    row = actors[role, person]
    reasons = pd.DataFrame([reason for reason in slate.reasons if (reason["role"], reason["person_id"]) == (role, person)])
    left, right = st.columns([3, 2])
    with left:
        st.markdown(f"**{row['actor_name']}**, {row['p_cal']:.0%}. {row['reason']}")
        st.caption(
            "What the odds would lose if one thing were merely usual, in points of probability: each is changed alone. Blue helps, "
            "orange hurts. What is of the film or director is the same for all."
        )
        loudest = reasons.reindex(reasons["delta"].abs().sort_values(ascending=False).index).head(SHOWN_REASONS)
        if not loudest.empty:
            parts.chart(
                charts.signed_bars(
                    loudest.assign(points=100 * loudest["delta"], name=loudest["feature"].str.replace("_", " ")),
                    "name",
                    "points",
                    "points",
                    "+.1f",
                ),
                " ".join(sentence for sentence in loudest["sentence"].head(3)),
            )
            with st.expander("In words"):
                st.markdown("\n".join(f"- {reason.sentence}" for reason in each(loudest)))
    with right:
        st.markdown("**Alternates**")
        st.caption("Alike in what they have played and how it did, with at most half the credits: less sung, never the actor again.")
        alternates = pd.DataFrame(
            [each_one for each_one in slate.alternates if (each_one["role"], each_one["lead_id"]) == (role, person)],
            columns=["actor_name", "p_cal", "distance", "credit_count"],
        )
        if alternates.empty:
            st.markdown("Nobody is near enough with half the credits.")
        else:
            parts.table(
                _in_percent(alternates),
                {
                    "actor_name": "Actor",
                    "p_cal": st.column_config.NumberColumn("Calibrated", format=PERCENT),
                    "distance": st.column_config.NumberColumn("Distance", format="%.2f", help="Cosine distance: 0 is the same profile."),
                    "credit_count": "Earlier roles",
                },
            )


def _directors(slate: Slate) -> None:
    if slate.brief.director or not slate.directors:
        return
    with st.expander("Directors for this brief"):
        parts.table(
            _in_percent(pd.DataFrame(slate.directors)),
            {
                "rank": st.column_config.NumberColumn("Rank", width="small"),
                "director_name": "Director",
                "p_cal": st.column_config.NumberColumn("Calibrated", format=PERCENT),
                "low": st.column_config.NumberColumn("From", format=PERCENT),
                "high": st.column_config.NumberColumn("To", format=PERCENT),
                "credit_count": "Earlier films",
                "reason": "Why",
            },
        )


def _left_out(slate: Slate) -> None:
    if slate.left_out:
        with st.expander(f"Who was left out ({sum(row['person_count'] for row in slate.left_out):,})", expanded=not slate.rows):
            st.markdown("\n".join(f"- {row['sentence']}" for row in slate.left_out))


def _downloads(source: Published, brief: Brief) -> None:
    stem = report.slug(brief.label)
    with st.container(horizontal=True):
        parts.download(
            "The whole slate",
            lambda: slates.zipped(source, brief),
            f"slate_{stem}.zip",
            kind="application/zip",
            explanation="Slate, alternates, reason codes and directors as CSV, the manifest that repeats it, pictures.",
        )
        parts.download("The brief", brief.to_json(), f"{stem}.json", kind="application/json", explanation="For recommend.py --brief FILE.")


def _compared(source: Published, catalogue: Catalogue, known: BriefVocabulary, brief: Brief) -> None:
    st.subheader("Side by side", anchor=False)
    kept = _kept(known)
    if kept is None:
        st.caption("Keep this slate, change the brief, and see who enters, who leaves and why.")
    if st.button("Keep this slate to compare", icon=":material/compare_arrows:", key="keep"):
        st.session_state[KEPT] = brief.to_json()
        st.rerun()
    if kept is None:
        return
    if kept == brief:
        st.caption(f"Kept: {heading(catalogue, kept)}. Change the brief above and rank again.")
        return
    both = slates.comparison(source, kept, brief)
    for column, title, slate in zip(st.columns(2), ("Kept", "Now"), (both.before, both.after), strict=True):
        with column:
            st.markdown(f"**{title}**: {heading(catalogue, slate.brief)}")
            shown = pd.DataFrame(slate.rows, columns=["rank", "actor_name", "p_cal", "role"])
            parts.table(
                _in_percent(shown),
                {
                    "rank": st.column_config.NumberColumn("Rank", width="small"),
                    "actor_name": "Actor",
                    "p_cal": st.column_config.NumberColumn("Calibrated", format=PERCENT),
                    **({"role": "Role"} if len(slate.brief.roles_to_fill) > 1 else {}),
                },
            )
    changes = pd.DataFrame([row for row in both.rows if row["change"] != STAYED])
    stayed = len(both.rows) - len(changes)
    st.caption(f"{len(changes)} changed, {stayed} stayed in their place.")
    if not changes.empty:
        parts.table(
            changes,
            {
                "change": "Change",
                "actor_name": "Actor",
                "rank_before": st.column_config.NumberColumn("Rank then"),
                "rank_after": st.column_config.NumberColumn("Rank now"),
                "why": st.column_config.TextColumn("Why", width="large"),
            },
        )


def _in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: 100 * rows[name].astype(float) for name in PROBABILITIES if name in rows})


def _kept(known: BriefVocabulary) -> Brief | None:
    """Return the brief that was kept; None where there is none, or where the data know its people no more."""
    if KEPT not in st.session_state:
        return None
    try:
        return Brief.from_json(st.session_state[KEPT], known)
    except UnusableInputError:
        del st.session_state[KEPT]
        return None
