"""`troth find`: where a person's data is, from what is known of them; shows counts and ways, no value."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli import exits, identities, options, screen

if TYPE_CHECKING:
    from troth.people.closure import Row
    from troth.people.report import Report

MOST_SHOWN = 20
"""People, links and the like that are listed on a screen; JSON has them all."""


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


def find(  # noqa: PLR0913, PLR0917 each option is a parameter
    identity: identities.Given = None,
    project: options.Project = None,
    source: identities.Source = "",
    format: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    show_keys: Annotated[
        bool, typer.Option("--show-keys", help="Show the keys of the people found; may be personal.")
    ] = False,
    limit: identities.Limit = 20,
    region: identities.Region = "",
    at: options.At = "",
) -> None:
    """Find a person in every store: each dataset with hits, counts and ways; never a value."""
    from troth.app import finding, wishes
    from troth.people import report as reports

    session = options.begin(project)
    wish = wishes.Wish(lines=identities.lines(identity or (), source), limit=limit, region=region)
    found = finding.find(wish, session.folder, session.environment, session.moment(at))
    if format is Format.JSON:
        made = reports.as_json(found, keys=show_keys)
        screen.write(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    else:
        _show(found, keys=show_keys)
    if found.unreachable:
        raise typer.Exit(exits.STORE)
    raise typer.Exit(exits.DONE if found.anybody else exits.FOUND)


def _show(found: Report, *, keys: bool) -> None:
    kind = "SIMULATION for" if found.simulation else "as of"
    at = found.at.isoformat()[:16].replace("T", " ")
    people = len(found.closure.people)
    if not found.anybody:
        where = "in what was looked at" if found.left_out else "in any dataset"
        screen.say(
            f"Nobody was found {where}, {kind} {at} UTC. That does not say that nothing is there.\n", "bold"
        )
    else:
        who = "1 person" if people == 1 else f"{screen.number(people)} people"
        screen.say(f"{who} found by {_identities(found.typed)}, {kind} {at} UTC\n", "bold")
        _people(found, keys=keys)
    _datasets(found)
    _links(found)
    _warnings(found, keys=keys)
    for one in found.left_out:
        screen.say(f"Not looked at: {one.what}: {one.why}", "yellow")
    for note in found.notes:
        screen.say(f"Note: {note}", "yellow")


def _people(found: Report, *, keys: bool) -> None:
    from troth.people import report as reports

    closure = found.closure
    rows = []
    for number, person in enumerate(closure.people[:MOST_SHOWN], 1):
        for row in person:
            doubt = "not verified there" if closure.found[row].claimed else ""
            rows.append((str(number), _row(row, keys), reports.path(closure.path(row)), doubt))
    if rows:
        screen.table(("person", "row" if keys else "row of", "found by", ""), rows, right=(0,))
    _more(len(closure.people), "people")
    screen.say()


def _datasets(found: Report) -> None:
    rows = []
    for one in found.datasets:
        if len(one.ways) == 1:
            rows.append((one.dataset, screen.number(one.rows), one.ways[0].role, one.ways[0].path))
            continue
        rows.append((one.dataset, screen.number(one.rows), "", ""))
        rows += [("", screen.number(way.rows), way.role, way.path) for way in one.ways]
    screen.table(("dataset", "rows", "as", "reached by"), rows, right=(1,))
    hits = sum(1 for one in found.datasets if one.rows)
    screen.say(
        f"\n{screen.counted(sum(one.rows for one in found.datasets), 'row')} in {hits} of "
        f"{len(found.datasets)} datasets looked at."
    )


def _links(found: Report) -> None:
    for (source, kind, target), rows in list(found.links.items())[:MOST_SHOWN]:
        times = f" ({screen.number(rows)} rows)" if rows > 1 else ""
        screen.say(f"Followed: {source} → {target} by {kind}{times}")
    _more(len(found.links), "links")


def _warnings(found: Report, *, keys: bool) -> None:
    closure = found.closure
    for one in closure.several[:MOST_SHOWN]:
        what = _which(one.kind, one.typed, one.source, keys)
        screen.say(
            f"Warning: {what} matches {one.subjects} rows of more than one person; they are shown apart.",
            "bold yellow",
        )
    _more(len(closure.several), "such identities")
    for number, name in closure.doubtful[:MOST_SHOWN]:
        screen.say(
            f"Warning: person {number} has several rows in {name}: two accounts, "
            "or two people joined by a wrong entry.",
            "bold yellow",
        )
    _more(len(closure.doubtful), "such people")
    for stop in closure.stopped[:MOST_SHOWN]:
        what = _which(stop.kind, stop.typed, stop.source, keys)
        screen.say(
            f"Stopped: {what} matches {screen.number(stop.subjects)} people, more than {found.limit}; "
            "nobody was taken in by it.",
            "bold yellow",
        )
    _more(len(closure.stopped), "such identities")
    for claim in closure.claims[:MOST_SHOWN]:
        what = _which(claim.kind, claim.typed, claim.source, keys)
        screen.say(f"Not taken in: {_one(claim.row, keys)} shows {what}, not verified there.", "yellow")
    _more(len(closure.claims), "such rows")
    if closure.unmatched:
        names = ", ".join(f"{one.kind} {one.number}" for one in closure.unmatched[:MOST_SHOWN])
        screen.say(f"Nobody has: {names}", "yellow")
        _more(len(closure.unmatched), "identities")


def _which(kind: str, typed: int, source: Row | None, keys: bool) -> str:
    """Name an identity by its position, or by the row it stands in; never by its value."""
    return f"{kind} {typed}" if typed or source is None else f"the {kind} in {_one(source, keys)}"


def _row(row: Row, keys: bool) -> str:
    from troth.people import report as reports

    return reports.shown(row) if keys else row.dataset


def _one(row: Row, keys: bool) -> str:
    return _row(row, keys) if keys else f"a row of {row.dataset}"


def _more(count: int, what: str) -> None:
    if count > MOST_SHOWN:
        screen.say(f"… and {screen.number(count - MOST_SHOWN)} more {what}; --format json lists all.")


def _identities(count: int) -> str:
    return "1 identity" if count == 1 else f"{screen.number(count)} identities"
