"""Laws and clocks for people who ask: packs listed and shown at a day, and clocks from typed events or a file.

What the laws say is in their packs, how days are counted in `laws.clock`; here the question is put together, and
several laws are asked about one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from troth.laws import clock, log, shelf
from troth.laws.due import Clocked
from troth.laws.facts import RECEIVED, Fact
from troth.laws.model import Pack, Rule
from troth.problems import BadInput, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks of the clock."""

    laws: tuple[str, ...]
    event: str
    received: str = ""
    places: tuple[str, ...] = ()
    """Where it is to be done; among several laws each takes the place it applies to."""
    reading: str = ""
    log: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the clocks say."""

    clocks: tuple[Clocked, ...]
    first: Clocked | None
    """The one to act by."""
    silent: tuple[str, ...] = ()
    """Laws that have no term for the event, where others have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One law on a day."""

    pack: Pack
    day: date
    rules: tuple[Rule, ...]
    """Those in force."""
    to_come: tuple[Rule, ...]
    gone: tuple[Rule, ...]


def listed() -> tuple[Pack, ...]:
    """Return every law that has a pack."""
    return tuple(shelf.load(name) for name in shelf.names())


def show(law: str, day: date) -> Shown:
    """Return the rules of a law on a day.

    Raises:
        BadInput: when no pack is called so.
    """
    pack = shelf.load(law)
    return Shown(
        pack=pack,
        day=day,
        rules=tuple(rule for rule in pack.rules if pack.in_force(rule, day)),
        to_come=tuple(rule for rule in pack.rules if day < (rule.from_ or pack.from_)),
        gone=tuple(rule for rule in pack.rules if rule.until is not None and rule.until <= day),
    )


def clocks(wish: Wish, now: datetime) -> Told:
    """Compute one clock for each law.

    Raises:
        BadInput: when a name is unknown, the events cannot all be true, or no law has such a term.
        OSError: when the file of events cannot be read.
    """
    facts = _facts(wish)
    packs = tuple(shelf.load(law) for law in dict.fromkeys(wish.laws))
    found: list[Clocked] = []
    problems: list[Problem] = []
    silent: list[str] = []
    for pack in packs:
        reading = _reading(wish, pack, len(packs))
        question = clock.Question(
            pack=pack, event=wish.event, facts=facts, place=_place(wish, pack, len(packs)), reading=reading
        )
        try:
            found.append(clock.compute(question, now))
        except BadInput as bad:
            if any(problem.code != "unknown-name" for problem in bad.problems):
                raise
            problems += bad.problems
            silent.append(pack.law)
    if not found:
        raise BadInput(problems)
    return Told(clocks=tuple(found), first=clock.earliest(found), silent=tuple(silent))


def _question(wish: Wish, pack: Pack, facts: tuple[Fact, ...], laws: int) -> clock.Question:
    return clock.Question(
        pack=pack,
        event=wish.event,
        facts=facts,
        place=_place(wish, pack, laws),
        reading=_reading(wish, pack, laws),
    )


def _reading(wish: Wish, pack: Pack, laws: int) -> str:
    """Return the reading for a law; among several laws each takes only those it knows."""
    known = clock.readings(pack, pack.terms)
    return wish.reading if laws == 1 or wish.reading in known else ""


def _place(wish: Wish, pack: Pack, laws: int) -> str:
    """Return the place for a law: one alone stands for a law alone, whatever it is."""
    own = next((one for one in wish.places if _land(one) == _land(pack.places[0])), "")
    return wish.places[0] if not own and laws == 1 and wish.places else own


def _land(place: str) -> str:
    return place.upper().partition("-")[0]


def _facts(wish: Wish) -> tuple[Fact, ...]:
    typed = (Fact(kind=RECEIVED, at=_instant(wish.received)),) if wish.received else ()
    if wish.log is None:
        return typed
    return (*typed, *log.parse(str(wish.log), wish.log.read_bytes()))


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as bad:
        problem = Problem(
            code="bad-event",
            message="--received is no instant.",
            found=text,
            valid=("2026-01-31T10:00Z", "2026-01-31T10:00+01:00"),
            hint="Write date, time and zone, as ISO 8601 does.",
        )
        raise BadInput([problem]) from bad
