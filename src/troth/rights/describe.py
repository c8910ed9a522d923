"""An erasure plan as sentences for people: what goes, what stays and why, and what a person must do.

Made from the same steps that are run, for the command line and for certificates. Names of datasets, columns and
rules, and counts; never another value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from troth.plan.model import Blank, Coarsen, Prune, Replace
from troth.rights.model import (
    EraseFields,
    EraseRows,
    ErasureChange,
    ErasurePlan,
    ErasureStep,
    Scrub,
    Spared,
    SpareReason,
    Task,
    Unlooked,
)

OPENING = "open-"
"""How the ids of steps begin that open a circle of references."""


def plan(made: ErasurePlan) -> Iterator[str]:
    """Yield the whole plan: steps in order, what stays, tasks, what was not looked at, warnings."""
    yield from (step(each) for each in made.steps)
    yield from (spared(each) for each in made.spared)
    yield from (task(each) for each in made.tasks)
    yield from (unlooked(each) for each in made.unlooked)
    yield from (f"Take care: {each}." for each in made.warnings)


def step(made: ErasureStep) -> str:
    """Say what a step does, to how many rows."""
    rows = f"{_rows(made.rows)} of {made.dataset}"
    match made:
        case EraseRows():
            return f"Delete {rows} that {_are(made.rows)} the person's alone."
        case EraseFields(why="erased"):
            return (
                f"{'; '.join(_changes(made.changes))} in {rows} that {'stays' if made.rows == 1 else 'stay'}."
            )
        case EraseFields(why="detach"):
            names = _listed([change.column for change in made.changes])
            if made.id.partition("-")[2].startswith(OPENING):
                return f"Empty {names} in {rows}, so that rows which refer to each other can go."
            return f"Cut what leads from {rows} to the person or to what is only theirs ({names})."
        case EraseFields():
            names = _listed([change.column for change in made.changes])
            return (
                f"Take the person's name and identities out of {names} in {rows}, where they occur; "
                "the rest of the text stays."
            )
        case _:
            assert_never(made)


_WHY: Mapping[SpareReason, str] = {
    "hold": "{stay} under {detail}{until}",
    "restriction": "{stay} because of a restriction ({detail}){until}",
    "open-case": "{stay} while a case is open ({detail}){until}",
    "own-interest": "{stay} for an interest of our own ({detail}){until}",
    "statutory-duty": "{stay} by statutory duty {detail}{until}",
    "shared": "{stay}, because other people stand in the same rows ({detail})",
    "needed-by": "{stay} emptied, because rows of {detail} that stay refer to {it}",
    "key": "{stay}: {detail}",
    "cannot-blank": "{stay}: {detail}",
    "store-cannot": "{stay} until a person sees to it: {detail}",
    "other-controller": "{stay}, because {they_are} held for somebody else",
    "unknown-controller": "{stay}, because nobody said for whom {they_are} held: a person decides",
}


def spared(entry: Spared) -> str:
    """Say what stays, and why."""
    rows = f"{_rows(entry.rows)} of {entry.dataset}"
    one = entry.rows == 1
    several = len(entry.fields) > 1 or not (entry.fields or one)
    why = _WHY[entry.reason].format(
        stay="stay" if several else "stays",
        detail=entry.detail,
        until=_until(entry),
        it="it" if one else "them",
        they_are="it is" if one else "they are",
    )
    return f"{_listed(list(entry.fields))} in {rows} {why}." if entry.fields else f"{rows} {why}."


def task(made: Task) -> str:
    """Say what a person must do, and until when."""
    return f"By {made.due}, in {made.store}: {made.what}"


def unlooked(made: Unlooked) -> str:
    """Say what was not looked at, and why."""
    return f"{made.what} was not looked at: {made.why}."


def _until(entry: Spared) -> str:
    ends = f": {entry.ends}" if entry.ends else ""
    review = f", to be looked at again on {entry.review}" if entry.review else ""
    return f"{ends}{review}"


def _changes(changes: tuple[ErasureChange, ...]) -> Iterator[str]:
    """Yield one phrase for each kind of change, the first one with a capital."""
    found: dict[str, list[str]] = {}
    for change in changes:
        match change:
            case Blank():
                found.setdefault("empty {}", []).append(change.column)
            case Replace():
                found.setdefault("put a placeholder in {}", []).append(change.column)
            case Prune():
                found.setdefault("take {} out", []).append(".".join((change.column, *change.path)))
            case Coarsen():
                found.setdefault("make {} less exact", []).append(change.column)
            case Scrub():
                found.setdefault("take names and identities out of {}", []).append(change.column)
            case _:
                assert_never(change)
    for number, (phrase, columns) in enumerate(found.items()):
        text = phrase.format(_listed(columns))
        yield text if number else text[0].upper() + text[1:]


def _are(rows: int) -> str:
    return "is" if rows == 1 else "are"


def _rows(rows: int) -> str:
    return f"{rows:,} row{'s' if rows != 1 else ''}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
