"""The law of one request, explained: which laws and why, their clocks, and what each says of the right.

All of it stands in the packs; here it is put together for the day on which the request came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.app import ledgers
from troth.app import project as projects
from troth.app.requests.opening import located
from troth.app.requests.steps import Place
from troth.cases import answers, clocks, register, which
from troth.cases.answers import Demanded
from troth.cases.case import Case
from troth.cases.clocks import Dates
from troth.laws import answers as book
from troth.laws import shelf
from troth.laws.answers import Authority, Excuse
from troth.laws.due import Clocked
from troth.laws.model import Duty, Pack, Right

ABOUT = ("route", "refusal", "fee", "identity", "search", "minors", "backups")
"""Topics of duties that matter to a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneLaw:
    """What one law says of a request."""

    pack: Pack
    why: str
    right: Right | None
    """None where the law does not give it."""
    clocks: tuple[Clocked, ...]
    excuses: tuple[Excuse, ...]
    """What it lets the request be refused for, by the code a decision names."""
    duties: tuple[Duty, ...]
    open: tuple[str, ...]
    """What of it was not read or is not settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The law of one request."""

    case: Case
    dates: Dates
    laws: tuple[OneLaw, ...]
    answer: tuple[Demanded, ...]
    """What an answer must hold under all of them together."""
    refusal: tuple[Demanded, ...]
    authority: Authority | None
    """To whom somebody who lives there can complain."""
    note: str
    """What is to be said of the choice as a whole; may be empty."""


def explain(id: int, at: Place, *, asked: datetime | None = None) -> Explained:
    """Explain which laws a request is under, and what they say of it.

    Raises:
        BadInput: when there is no such request, or the project cannot be used.
    """
    now = asked or at.clock.now()
    project = projects.load(at.folder, now.date())
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        case = register.read(ledger, id)
    dates = clocks.dates(case, max(now, *(event.at for event in case.events)))
    claimed = project.policy.organisation.laws
    chosen = which.choose(case.residence, claimed, located(project), child=case.child)
    given, note = which.giving(chosen, case.kind, case.received.date())
    why = {one.law: one.why for one in chosen}
    laws = tuple(_one(law, why.get(law, "as it was when it came in"), case, dates) for law in case.laws)
    others = {one.law for one in given} ^ set(case.laws)
    if others:
        note = (
            f"{note} Policy or packs changed since: {', '.join(sorted(others))} would differ today.".strip()
        )
    return Explained(
        case=case,
        dates=dates,
        laws=laws,
        answer=answers.answer(case),
        refusal=answers.refusal(case),
        authority=book.authority(case.residence),
        note=note,
    )


def _one(law: str, why: str, case: Case, dates: Dates) -> OneLaw:
    pack, day = shelf.load(law), case.received.date()
    return OneLaw(
        pack=pack,
        why=why,
        right=case.kind.right(pack, day),
        clocks=tuple(one for one in (*dates.clocks, *dates.beside) if one.pack.law == law),
        excuses=book.excuses(law, case.kind.name),
        duties=tuple(duty for duty in pack.duties if duty.topic in ABOUT and pack.in_force(duty, day)),
        open=pack.open,
    )
