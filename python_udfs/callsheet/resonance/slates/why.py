"""From a place on a slate back to the films behind it: rank, reasons, what would change it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from callsheet.resonance.slates.briefs import LARGEST_BUDGET, MILLION, Brief, Filters, Role, read_text
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import Explanation, Row, Slate, explain, heading, probability, recommend
from callsheet.resonance.training.rows import OF_THE_PERSON

SHOWN_REASONS = 4
SHOWN_FILMS = 8
LAST_RATED, LAST_ROLES, LAST_BUDGETED, RECENT_YEARS = 3, 5, 3, 3  # what the features look at: feature_contract says so


def explain_actor(published: Path, name: str, brief_file: Path) -> list[str]:
    """Return the lines that explain where an actor stands for a brief."""
    with closing(Catalogue.open(published)) as catalogue:
        return _explained(catalogue, name, brief_file)


def _explained(catalogue: Catalogue, name: str, brief_file: Path) -> list[str]:
    brief = Brief.from_json(read_text(brief_file), catalogue.known)
    person_id = catalogue.known.person(name, "actor")
    slate = recommend(catalogue, brief)
    role = next((role for role in brief.roles_to_fill if _row(slate.rows, role, person_id)), brief.roles_to_fill[0])
    explained = explain(catalogue, brief, role, [person_id])
    lines = [f"{catalogue.people.name(person_id)} ({person_id}) · {heading(catalogue, brief)} · {role.name}, billing {role.bill_order}"]
    lines.append(_standing(slate, role, explained))
    lines += ["", "What is its own:", *_reasons([why for why in explained.reasons if why["about"] in OF_THE_PERSON])]
    lines += ["", "What film and director say, nearly the same for all:"]
    lines += _reasons([why for why in explained.reasons if why["about"] not in OF_THE_PERSON])
    lines += ["", "What would change it:", *_changes(catalogue, brief, role, explained)]
    return [*lines, "", f"The films behind it, of the years before {brief.year}:", *_films(catalogue, brief, person_id)]


def _row(rows: list[Row], role: Role, person_id: str) -> Row | None:
    return next((row for row in rows if row["role"] == role.name and row["person_id"] == person_id), None)


def _standing(slate: Slate, role: Role, explained: Explanation) -> str:
    """Say where the actor stands, or what stands in the way."""
    (row,) = explained.rows
    person_id, odds = row["person_id"], probability(row)
    own, chosen = _row(slate.ranking, role, person_id), _row(slate.rows, role, person_id)
    count = sum(row["role"] == role.name for row in slate.ranking)
    if chosen:
        return f"Rank {chosen['rank']:,} of {count:,} candidates: {odds}; proposed by {row['proposed_by'].replace(',', ', ')}."
    if person_id in explained.left_out:
        return f"Left out: {explained.left_out[person_id]}. It would be {odds}."
    if own is None:
        return f"Not among the {count:,} candidates: no generator proposed this actor. It would be {odds}."
    off = f"left out by {own['rule']}" if own["rule"] else "not on the slate"
    return f"Rank {own['rank']:,} of {count:,} candidates, {off}: {odds}; proposed by {row['proposed_by'].replace(',', ', ')}."


def _reasons(reasons: list[Row]) -> list[str]:
    told = [f"  {row['sentence']}" for row in reasons[:SHOWN_REASONS]]
    return told or ["  Nothing: on years it had not seen the head ranked films no better than their budget alone."]


def _changes(catalogue: Catalogue, brief: Brief, role: Role, explained: Explanation) -> list[str]:
    """Return the actor's rank if alone thing in the brief were different."""
    (row,) = explained.rows
    others = list(_others(catalogue, brief, role, row))
    width = max(len(text) for text, _, _ in others)
    lines = []
    for text, role_then, other in others:
        own = _row(recommend(catalogue, other).ranking, role_then, row["person_id"])
        lines.append(f"  {text:<{width}}  " + (f"rank {own['rank']:,}, {own['p_cal']:.2f}" if own else "no candidate"))
    return lines


def _others(catalogue: Catalogue, brief: Brief, role: Role, own: Row) -> Iterator[tuple[str, Role, Brief]]:
    alone = replace(brief, roles=(role,), bill_order=role.bill_order)
    if brief.director:
        yield f"without {catalogue.people.name(brief.director)}", role, replace(alone, director=None)
    if brief.budget_usd is not None:
        for factor in (0.5, 2.0):
            budget = brief.budget_usd * factor
            if budget <= LARGEST_BUDGET * MILLION:
                yield f"a budget of ${budget / MILLION:g} million", role, replace(alone, budget_usd=budget)
    for one in brief.attached:
        others = tuple(other for other in brief.attached if other != one)
        yield f"without {catalogue.people.name(one.person_id)} as {one.role}", role, replace(alone, attached=others)
    if brief.keywords:
        yield "without its keywords", role, replace(alone, keywords=())
    for genre in brief.genres if len(brief.genres) > 1 else ():
        yield f"without {genre.replace('_', ' ')}", role, replace(alone, genres=tuple(kept for kept in brief.genres if kept != genre))
    if brief.filters != Filters():
        yield "without the filters", role, replace(alone, filters=Filters())
    if any(own[rule] for rule in ("bfd_penalty", "cadence_penalty", "history_penalty")):
        yield "without the penalties", role, replace(alone, use_penalties=False)
    other = Role(role.name, 2 if role.bill_order == 1 else 1)
    yield f"at billing {other.bill_order}", other, replace(alone, roles=(other,), bill_order=other.bill_order)


def _films(catalogue: Catalogue, brief: Brief, person_id: str) -> list[str]:
    """Return the films, newest first, each with the numbers that it is part of."""
    lines, rated, budgeted = [], 0, 0
    films = [film for film in catalogue.films_of(person_id, brief.year) if film["job"] == "cast"]
    for place, film in enumerate(films):
        feeds = []
        if film["resonance"] is not None and (rated := rated + 1) <= LAST_RATED:
            feeds.append("last three results")
        if place < LAST_ROLES:
            feeds.append("last five genres")
        if film["film_year"] >= brief.year - RECENT_YEARS:
            feeds.append("last three years")
        if film["budget_usd"] is not None and (budgeted := budgeted + 1) <= LAST_BUDGETED:
            feeds.append("usual budget")
        if brief.director and film["director_id"] == brief.director:
            feeds.append("with the director")
        if place < SHOWN_FILMS or "with the director" in feeds:
            resonance = "no resonance" if film["resonance"] is None else f"resonance {film['resonance']:+.2f}"
            money = "budget unknown" if film["budget_usd"] is None else f"${film['budget_usd'] / MILLION:.3g} m"
            genres = ", ".join(film["genres"] or ()).replace("_", " ") or "genres unknown"
            lines.append(
                f"  {film['film_year']}  {film['title']} ({film['film_id']}), billing {film['bill_order']}, {money}, {genres}, {resonance}"
                + (f" → {', '.join(feeds)}" if feeds else "")
            )
    if len(films) > len(lines):
        lines.append(f"  … and {len(films) - len(lines):,} more, in the counts and in the means of all films")
    return lines or ["  none"]
