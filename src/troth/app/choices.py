"""Choices for people and programs who record them and ask before a use.

Whom a choice is by needs no store: somebody nobody holds data of can opt out too. Where stores are asked, every
identity they know of the person finds the choice again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from troth.app import known as knowing
from troth.app import ledgers, people
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.project import Project
from troth.app.wishes import Wish
from troth.choices import register
from troth.choices.register import Choosing, Standing
from troth.errors import Refused, StoreError
from troth.ledger.choices import ChoiceRecord
from troth.people.typed import Identity
from troth.problems import BadInput, Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A choice as somebody brings it."""

    what: str
    decision: str
    how: str
    at: datetime | None = None
    """When it was made; now where left out."""
    case: int | None = None
    only: bool = False
    """Take the identities as given, and ask no store for others of the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was written."""

    record: ChoiceRecord
    identities: int
    """By how many the person is known again."""
    unlooked: tuple[str, ...] = ()
    """Why other identities of the person may be missing."""


def record(
    made: Made, wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str | None
) -> Recorded:
    """Record a choice of one person.

    Raises:
        BadInput: the project, an identity or the choice cannot be used.
    """
    now = clock.now()
    project = projects.load(folder, now.date())
    choosing = Choosing(
        what=made.what, decision=made.decision, at=made.at or now, how=made.how, case=made.case
    )
    problems = [*register.faults(choosing, now), *_purpose(made.what, knowing.purposes(project))]
    if problems:
        raise BadInput(problems)
    given = knowing.typed_in(wish.lines, project.datamap, wish.region)
    more, unlooked = ((), ()) if made.only else _others(project, wish, made, environment, now)
    identities = set(given) | set(more)
    with ledgers.opened(folder, environment, clock) as ledger:
        kept = register.record(ledger, choosing, identities, by=by, now=now)
        ledger.checkpoint(at=now)
    return Recorded(record=kept, identities=len(identities), unlooked=unlooked)


def show(
    what: str, wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock
) -> tuple[Standing, ...]:
    """Return what counts for somebody: about one thing, or about everything where none is named.

    Raises:
        BadInput: the project, an identity or the thing cannot be used.
    """
    now = clock.now()
    project = projects.load(folder, now.date())
    known = knowing.typed_in(wish.lines, project.datamap, wish.region)
    with ledgers.opened(folder, environment, clock) as ledger:
        if not what:
            return register.everything(ledger, known)
        found = register.of_person(ledger, known, what)
        return (found,) if found else ()


def _others(
    project: Project, wish: Wish, made: Made, environment: Mapping[str, str], now: datetime
) -> tuple[tuple[Identity, ...], tuple[str, ...]]:
    """Ask the stores by what else the person is known; a choice is not kept waiting where they cannot say."""
    lines = knowing.findable(wish.lines, project.datamap)
    if not lines:
        return (), ()
    try:
        with people.everywhere(project, environment, Moment(at=now), readonly=True) as where:
            selected = people.select(where, replace(wish, lines=lines))
            closed = tuple(f"{one.what}: {one.why}" for one in where.closed)
            if len(selected.closure.people) > 1:
                return (), (*closed, "the identities lead to several people")
            return knowing.of(selected, claimed=made.decision in register.STOPS), closed
    except (Refused, StoreError) as error:
        return (), (error.message.removesuffix("."),)


def _purpose(what: str, valid: tuple[str, ...]) -> Iterable[Problem]:
    """Yield a fault where a purpose is named that nobody declared."""
    kind, _, name = what.partition(":")
    if kind == "purpose" and name and name not in valid:
        yield Problem(
            code="unknown-name",
            message="No purpose is called so.",
            found=name,
            valid=valid,
            nearest=nearest(name, valid),
            hint="Name one of them.",
        )
