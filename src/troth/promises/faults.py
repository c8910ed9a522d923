"""What can be wrong with a request, in words: what breaks a promise, and what only leaves it unproven.

A closed table; what is found in one request is a `Flaw`. Nothing here names a person: requests stand by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that can be wrong, for one request and for several."""

    one: str
    many: str
    breaks: bool = True
    """Whether it breaks a promise; otherwise a proof is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A fault found in one request."""

    code: str
    day: date | None = None
    """The day that was missed, where one was."""
    rule: str = ""
    """The law whose day it was, where it was a law's."""


def _fault(one: str, many: str, *, breaks: bool = True) -> Fault:
    return Fault(one=one, many=many, breaks=breaks)


FAULTS: Mapping[str, Fault] = {
    "overdue": _fault("open request past its legal day", "open requests past their legal day"),
    "answered-late": _fault("request answered late", "requests answered late"),
    "acknowledged-late": _fault("request acknowledged late", "requests acknowledged late"),
    "unanswered": _fault("request closed without an answer", "requests closed without an answer"),
    "no-reasons": _fault("refusal without reasons", "refusals without reasons"),
    "unsigned": _fault("decision nobody stands for", "decisions nobody stands for"),
    "no-proof": _fault("request granted before it was proven who asks", "requests granted without proof"),
    "no-authority": _fault(
        "request granted to an agent without authority", "requests granted to agents alone"
    ),
    "asked": _fault("person asked for proof without need", "people asked for proof without need"),
    "residues": _fault("erasure that left something behind", "erasures that left something behind"),
    "not-confirmed": _fault("erasure that was not confirmed", "erasures that were not confirmed"),
    "no-instruction": _fault("request acted on without instruction", "requests acted on without instruction"),
    "passed-on-late": _fault(
        "request passed on late, or not at all", "requests passed on late, or not at all"
    ),
    "not-asked": _fault(
        "request ended without asking whose customer", "requests ended without asking whose customer"
    ),
    "law-missing": _fault("request without its law", "requests without their law"),
    "paper-kept": _fault("paper kept after the proof", "papers kept after the proof"),
    "paper-overdue": _fault("paper kept past its day", "papers kept past their day"),
    "past-own-day": _fault(
        "open request past a day that no law gives",
        "open requests past a day that no law gives",
        breaks=False,
    ),
    "not-rechecked": _fault(
        "request done with nothing to show for it", "requests done with nothing to show for it", breaks=False
    ),
    "not-told": _fault(
        "erasure after which no recipient was told",
        "erasures after which no recipient was told",
        breaks=False,
    ),
    "paper-left": _fault(
        "paper whose file may still be there", "papers whose files may still be there", breaks=False
    ),
}
"""Every fault by its name. Those that do not break a promise are reasons of the same name."""

TIMELY = ("overdue", "answered-late", "acknowledged-late", "unanswered", "past-own-day")
DECIDED = ("no-reasons", "unsigned")
IDENTIFIED = ("no-proof", "no-authority", "asked")
CERTIFIED = ("residues", "not-rechecked")
ROUTED = ("no-instruction", "passed-on-late", "not-asked")
WHOLE = (*TIMELY, *DECIDED, *IDENTIFIED, *CERTIFIED, "no-instruction")
"""Everything that must be right about a request for one right."""
