"""Record choices and say which stands: the last decision, an objection to the same purpose among them.

Append-only. Nothing lifts an opt-out but a later decision of the same person; it has no end (15 U.S.C. 7704(a)(4),
Civ. Code 1798.135(c)(4): who opted out is not asked again for twelve months).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from troth.evidence import fields
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.people.typed import Identity
from troth.problems import BadInput, Problem, nearest

if TYPE_CHECKING:
    from troth.ledger.choices import ChoiceRecord
    from troth.ledger.ledger import Ledger

Decision = Literal["out", "in", "withdrawn", "objected"]
DECISIONS: tuple[str, ...] = get_args(Decision)
STOPS = frozenset({"out", "withdrawn", "objected"})
THINGS = ("sale", "sharing", "sensitive", "automated", "marketing")
NAMED = ("purpose", "topic", "channel")
"""Things that have names: `purpose:newsletter`, `topic:offers`, `channel:phone`."""
HOW = ("mail", "phone", "letter", "form", "agent", "counter", "api", "signal", "link", "import", "case")
_WRITTEN = re.compile(r"(purpose|topic|channel):([A-Za-z][A-Za-z0-9_-]{0,99})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A choice as it is brought."""

    what: str
    decision: str
    at: datetime
    """When the person made it: with a zone, not in the future."""
    how: str
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The decision that counts."""

    what: str
    decision: str
    at: datetime
    source: str
    """`choice:12`, or `objection:3`."""

    @property
    def stops(self) -> bool:
        """Tell whether the thing must not be done with this person's data."""
        return self.decision in STOPS


def record(
    ledger: Ledger, choosing: Choosing, identities: Collection[Identity], *, by: str | None, now: datetime
) -> ChoiceRecord:
    """Keep a choice of one person, known by these identities, with its evidence.

    Args:
        ledger: The ledger.
        choosing: What was chosen.
        identities: All that are known of the person: each finds the choice again.
        by: Who writes it down; None for a system.
        now: The clock.

    Raises:
        BadInput: with every fault at once.
    """
    problems = [*faults(choosing, now)]
    if not identities:
        problems.append(_bad("A choice is somebody's; no identity was given."))
    if problems:
        raise BadInput(problems)
    from troth.ledger.choices import NewChoice

    new = NewChoice(
        what=choosing.what,
        decision=choosing.decision,
        at=choosing.at,
        how=choosing.how,
        case=choosing.case,
    )
    with ledger.writing():
        staff = ledger.staff.identify(by, at=now) if by else None
        kept = ledger.choices.add(new, set(identities), recorded_at=now, by=staff)
        body = _body(kept, len(set(identities))) | {"by": f"staff:{staff}" if staff else "system"}
        ledger.append(Entry(kind="choice.recorded", at=now, body=body))
    return kept


def stands(ledger: Ledger, identity: Identity, what: str, *, at: datetime | None = None) -> Standing | None:
    """Return the decision about one thing that counts for an identity; None where nobody decided.

    Args:
        ledger: The ledger.
        identity: Whose.
        what: `sale`, `purpose:newsletter`, …
        at: As of an instant; now where left out.

    Raises:
        BadInput: when nobody can choose about such a thing.
    """
    return standing(ledger, (identity,), what, at=at).get(identity)


def standing(
    ledger: Ledger, identities: Collection[Identity], what: str, *, at: datetime | None = None
) -> dict[Identity, Standing]:
    """Return what counts for each of many identities that has a decision; for `marketing`, its purpose too."""
    if problem := unknown(what):
        raise BadInput([problem])
    found: dict[Identity, Standing] = {}
    for one, rows in ledger.choices.of(identities, what, until=at).items():
        last = rows[-1]
        found[one] = Standing(what=what, decision=last.decision, at=last.at, source=last.reference)
    if purpose := _purpose(what):
        for one, objected in _objections(ledger, identities, purpose, what, at).items():
            if one not in found or found[one].at <= objected.at:
                found[one] = objected
    return found


def of_person(
    ledger: Ledger, identities: Collection[Identity], what: str, *, at: datetime | None = None
) -> Standing | None:
    """Return what counts for a person known by several identities: the last decision made with any of them."""
    found = standing(ledger, identities, what, at=at).values()
    return max(found, key=lambda one: one.at, default=None)


def everything(
    ledger: Ledger, identities: Collection[Identity], *, at: datetime | None = None
) -> tuple[Standing, ...]:
    """Return what counts for one person about each thing anybody ever chose or objected to."""
    objected = {f"purpose:{row.purpose}" for row in ledger.objections.read()}
    things = sorted({*ledger.choices.things(), *objected})
    found = (of_person(ledger, identities, what, at=at) for what in things if unknown(what) is None)
    return tuple(one for one in found if one)


def unknown(what: str) -> Problem | None:
    """Say what is wrong with a thing to choose about."""
    if what in THINGS or _WRITTEN.fullmatch(what):
        return None
    valid = (*THINGS, *(f"{name}:…" for name in NAMED))
    return Problem(
        code="bad-choice",
        message="Nobody can choose about such a thing.",
        found=what,
        valid=valid,
        nearest=nearest(what, THINGS),
        hint="Take one of the words, or name a purpose, topic or channel.",
    )


def faults(choosing: Choosing, now: datetime) -> Iterator[Problem]:
    """Yield everything that is wrong with a choice."""
    if problem := unknown(choosing.what):
        yield problem
    for word, found, valid in (
        ("decision", choosing.decision, DECISIONS),
        ("way a choice comes in", choosing.how, HOW),
    ):
        if found not in valid:
            close = nearest(found, valid)
            yield Problem(
                code="bad-choice",
                message=f"There is no such {word}.",
                found=found,
                valid=valid,
                nearest=close,
                hint="Take one of the words.",
            )
    if choosing.at.tzinfo is None:
        yield _bad("The instant has no zone.")
    elif choosing.at > now:
        yield _bad("It lies in the future.")


def _objections(
    ledger: Ledger, identities: Collection[Identity], purpose: str, what: str, at: datetime | None
) -> dict[Identity, Standing]:
    """Ask the objections; one that was refused stops nothing and counts for nothing here."""
    asked = ledger.objections.of(identities, purpose)
    made = {row.id: row for row in ledger.objections.read()} if asked else {}
    found: dict[Identity, Standing] = {}
    for one, (id, decision) in asked.items():
        row = made[id]
        if decision != "refused" and (at is None or row.made_at <= at):
            found[one] = Standing(what=what, decision="objected", at=row.made_at, source=row.reference)
    return found


def _purpose(what: str) -> str:
    written = _WRITTEN.fullmatch(what)
    if what == "marketing":
        return what
    return written[2] if written and written[1] == "purpose" else ""


def _body(kept: ChoiceRecord, identities: int) -> dict[str, object]:
    body: dict[str, object] = {
        "choice": kept.reference,
        "decision": kept.decision,
        "happened": instant(kept.at),
        "identities": identities,
        "how": kept.how,
    }
    kind, _, name = kept.what.partition(":")
    body["about"] = kind
    if kind == "purpose" and fields.PROMISE.accepts(name):
        body["purpose"] = name
    if kept.case:
        body["case"] = f"case:{kept.case}"
    return body


def _bad(message: str) -> Problem:
    return Problem(code="bad-choice", message=message, hint="Correct it; nothing was written.")
