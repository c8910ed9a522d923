"""What every check over requests needs: the requests it is about, and what is wrong with them joined to a result.

Not triggered when no request of its kind was ever entered; the ledger in which they are entered was looked at now.
A letter that lies in a mailbox and was never entered is not seen by any check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from troth.promises.given import Given
from troth.promises.listing import Promise
from troth.promises.requests import Requests, Tally
from troth.promises.results import Offence, Reason, Result, decide

UNSEEN = "The ledger, which knows of requests and holds, was not looked at"


@dataclass(frozen=True, kw_only=True)
class More:
    """What a check knows besides the requests."""

    offences: Sequence[Offence] = ()
    reasons: Sequence[Reason] = ()
    held: bool = False
    """There is something to be kept besides the requests."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class About:
    """Requests, and which faults count."""

    tally: Tally
    codes: tuple[str, ...]
    more: More = field(default_factory=More)
    held: bool | None = None
    """Whether there is anything to be kept; by default where a request was ours to answer."""
    settled: bool = True
    """Whether some request must have been answered before it can be kept."""
    alone: bool = False
    """What else is known says it all; how the requests stand is not told."""


def judge(promise: Promise, given: Given, about: About) -> Result:
    """Join what is wrong with some requests into a result."""
    tally, more = about.tally, about.more
    notes = [more.note] if about.alone or (more.note and not tally.opened) else [tally.says, more.note]
    held = bool(tally.opened - tally.away) or more.held
    return decide(
        promise,
        offences=[*tally.offences(about.codes), *more.offences],
        reasons=[
            *tally.reasons(about.codes),
            *(_unsettled(tally) if about.settled else ()),
            *more.reasons,
            *simulated(given),
        ],
        held=held if about.held is None else about.held,
        note="; ".join(note for note in notes if note),
    )


def unseen(promise: Promise) -> Result:
    """Return unproven, because nobody looked at the ledger."""
    return decide(promise, reasons=[Reason(code="store-not-looked-at", message=UNSEEN)])


def simulated(given: Given) -> Iterator[Reason]:
    """Say that another instant proves nothing."""
    if given.simulation:
        message = "The check was made for another instant, on what is known today"
        yield Reason(code="simulation", message=message)


def _unsettled(tally: Tally) -> Iterator[Reason]:
    if tally.opened and not tally.answered and not tally.away:
        yield Reason(code="nothing-answered", message=f"{tally.says}; none was answered yet")


def apart(requests: Requests) -> Iterable[Reason]:
    """Say that people were erased without a request being followed: nothing is known of what they were told."""
    number = requests.erasures_apart
    if number:
        text = "1 erasure was" if number == 1 else f"{number:,} erasures were"
        message = f"{text} done without a request being followed"
        yield Reason(code="erased-apart", message=message, rows=number)
