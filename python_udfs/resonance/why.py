"""From a place on a slate back to the films behind it: rank, reasons, what would change it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_udfs.resonance.briefs import LARGEST_BUDGET, MILLION, Brief, Role, read_text
from python_udfs.resonance.catalogue import Catalogue
from python_udfs.resonance.reasons import explain
from python_udfs.resonance.report import heading
from python_udfs.resonance.slates import recommend

SHOWN_REASONS = 6
SHOWN_FILMS = 8
LAST_RATED, LAST_ROLES, LAST_BUDGETED, RECENT_YEARS = 3, 5, 3, 3  # what the features look at: feature_contract says so


def explain_actor(published: Path, name: str, brief_file: Path) -> list[str]:
    """Return the lines that explain where an actor stands for a brief."""
    catalogue = Catalogue.open(published)
    brief = Brief.from_json(read_text(brief_file), catalogue.known)
    person_id = catalogue.known.person(name, "actor")
    slate = recommend(catalogue, brief)
    role = next((role for role in brief.cast if _row(slate.rows, role, person_id)), brief.cast[0])
    explained = explain(catalogue, brief, role, [person_id])
    lines = [f"{catalogue.name(person_id)} ({person_id}) · {heading(catalogue, brief)} · {role.name}, billing {role.bill_order}"]
    if person_id in explained.left_out:
        lines.append(f"Left out: {explained.left_out[person_id]}.")
    else:
        lines.append(_standing(slate.ranking, role, person_id, _row(slate.rows, role, person_id) is not None))
    lines += ["", "Why:", *_reasons(explained.reasons)]
    if person_id not in explained.left_out:
        lines += ["", "What would change it:", *_changes(catalogue, brief, role, person_id)]
    return [*lines, "", f"The films behind it, of the years before {brief.year}:", *_films(catalogue, brief, person_id)]


def _row(rows: list[dict[str, Any]], role: Role, person_id: str) -> dict[str, Any] | None:
    return next((row for row in rows if row["role"] == role.name and row["person_id"] == person_id), None)


def _standing(ranking: list[dict[str, Any]], role: Role, person_id: str, is_on_it: bool) -> str:
    own = _row(ranking, role, person_id)
    count = sum(row["role"] == role.name for row in ranking)
    if own is None:
        return f"Not among the {count:,} candidates: none of the generators proposed this actor."
    place = "" if is_on_it else ", not on the slate"
    return f"Rank {own['rank']:,} of {count:,} candidates{place}: {own['p_cal']:.3f}, before calibration {own['p_high']:.3f}."


def _reasons(reasons: list[dict[str, Any]]) -> list[str]:
    loudest = sorted(reasons, key=lambda row: (-abs(row["delta"]), row["feature"]))[:SHOWN_REASONS]
    return [
        f"  {100 * row['delta']:+5.1f} points  {row['feature']} "
        + ("is not known" if row["value"] is None else f"= {row['value']:.4g}")
        + (f", usually {row['usual']:.4g}" if row["usual"] is not None else "")
        for row in loudest
    ]


def _changes(catalogue: Catalogue, brief: Brief, role: Role, person_id: str) -> list[str]:
    """Return the actor's rank if one thing in the brief were different."""
    lines = []
    for text, role_then, other in _others(catalogue, brief, role):
        ranking = recommend(catalogue, other).ranking
        own = _row(ranking, role_then, person_id)
        lines.append(f"  {text:<28}" + (f"rank {own['rank']:,}, {own['p_cal']:.3f}" if own else "not proposed"))
    return lines


def _others(catalogue: Catalogue, brief: Brief, role: Role) -> Iterator[tuple[str, Role, Brief]]:
    one = replace(brief, roles=(role,), bill_order=role.bill_order)
    if brief.director:
        yield f"without {catalogue.name(brief.director)}", role, replace(one, director=None)
    if brief.budget_usd is not None:
        for factor in (0.5, 2.0):
            budget = brief.budget_usd * factor
            if budget <= LARGEST_BUDGET * MILLION:
                yield f"a budget of ${budget / MILLION:g} million", role, replace(one, budget_usd=budget)
    for genre in brief.genres if len(brief.genres) > 1 else ():
        yield f"without {genre.replace('_', ' ')}", role, replace(one, genres=tuple(kept for kept in brief.genres if kept != genre))
    other = Role(role.name, 2 if role.bill_order == 1 else 1)
    yield f"at billing {other.bill_order}", other, replace(one, roles=(other,), bill_order=other.bill_order)


def _films(catalogue: Catalogue, brief: Brief, person_id: str) -> list[str]:
    """Return the films, newest first, each with the numbers that it is part of."""
    lines, rated, budgeted = [], 0, 0
    films = catalogue.films_of(person_id, brief.year)
    for place, film in enumerate(films):
        feeds = []
        if film["resonance"] is not None and (rated := rated + 1) <= LAST_RATED:
            feeds.append("atr3")
        if place < LAST_ROLES:
            feeds.append("genre shares")
        if film["year"] >= brief.year - RECENT_YEARS:
            feeds.append("release density")
        if film["budget_usd"] is not None and (budgeted := budgeted + 1) <= LAST_BUDGETED:
            feeds.append("bfd")
        if brief.director and film["director_id"] == brief.director:
            feeds.append("history with the director")
        if place < SHOWN_FILMS or "history with the director" in feeds:
            resonance = "no resonance" if film["resonance"] is None else f"resonance {film['resonance']:+.2f}"
            money = "budget unknown" if film["budget_usd"] is None else f"${film['budget_usd'] / MILLION:.3g} m"
            genres = ", ".join(film["genres"] or ()).replace("_", " ") or "genres unknown"
            lines.append(
                f"  {film['year']}  {film['title']} ({film['film_id']}), billing {film['bill_order']}, {money}, {genres}, {resonance}"
                + (f" → {', '.join(feeds)}" if feeds else "")
            )
    if len(films) > len(lines):
        lines.append(f"  … and {len(films) - len(lines):,} more, in the counts and in the means of all films")
    return lines or ["  none"]
