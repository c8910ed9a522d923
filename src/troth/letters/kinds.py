"""Every kind of letter: what it is for, and which data it takes; data that are required cannot be left out.

What a law demands in a letter comes in as data from whoever knows the law of the case; here stands only what a letter
of that kind never does without. Pure. A template of the same name says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from troth.problems import BadInput, Problem, nearest


class Form(Enum):
    """What shape a datum has."""

    TEXT = "a text"
    DAY = "a day"
    WHEN = "a day or a text"
    TEXTS = "a list of texts"
    REASONS = "a list of reasons: item and because; law and until where there are any"
    KEPT = "a list of reasons: item, because and until; law where there is one"
    ROUTES = "a list of routes: part, name and how; contact where there is one"
    SECTIONS = "a list of sections: part, heading, and text, items or a table"
    ORGANISATION = "the organisation: name and contact; address where there is one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One thing a letter is told."""

    name: str
    form: Form
    says: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of letter."""

    name: str
    says: str
    data: tuple[Datum, ...]
    together: Mapping[str, str] = field(default_factory=dict)
    """Where the first is given, the second must be too."""

    @property
    def known(self) -> Mapping[str, Datum]:
        """Every datum it takes, the common ones too."""
        return {one.name: one for one in (*COMMON, *self.data)}


def _needs(name: str, form: Form, says: str) -> Datum:
    return Datum(name=name, form=form, says=says)


def _may(name: str, form: Form, says: str) -> Datum:
    return Datum(name=name, form=form, says=says, required=False)


COMMON = (
    _needs("organisation", Form.ORGANISATION, "in whose name it is written"),
    _needs("date", Form.DAY, "the day it is written"),
    _may("person", Form.TEXT, "the name it greets"),
    _may("reference", Form.TEXT, "the number of the case"),
    _may("signed", Form.TEXT, "who signs"),
    _may("notes", Form.TEXTS, "further paragraphs"),
    _may("clock", Form.TEXT, "what this does to the time we have to answer"),
    _may("routes", Form.ROUTES, "what the person can do about it"),
    _may("demanded", Form.TEXTS, "parts of sections and routes without which it must not go"),
)
"""What every letter takes."""
LAYOUT = frozenset({"organisation", "date", "reference", "demanded"})
"""Shown by the layout, or never; a template need not name them."""

_REQUEST = (
    _needs("request", Form.TEXT, "what was asked for, as `your request for a copy of your data`"),
    _needs("received", Form.DAY, "the day it came in"),
)
_ROUTES = _needs("routes", Form.ROUTES, "what the person can do about it")
_BY = _may("by", Form.DAY, "until when we ask for an answer")
_WHY = _needs("why", Form.TEXT, "why we ask")


def _kind(name: str, says: str, *data: Datum, together: Mapping[str, str] | None = None) -> Kind:
    return Kind(name=name, says=says, data=data, together=together or {})


_KINDS = (
    _kind(
        "acknowledgement",
        "Says that a request came in, how it goes on and when it is answered.",
        *_REQUEST,
        _needs("by", Form.DAY, "when it will be answered at the latest"),
        _may("steps", Form.TEXTS, "how it goes on"),
    ),
    _kind(
        "identity",
        "Asks for proof of who somebody is, and says why and what happens to it.",
        *_REQUEST,
        _needs("asked", Form.TEXTS, "what is asked for, and nothing else"),
        _WHY,
        _needs("handling", Form.TEXT, "what happens to what is sent"),
        _needs("how", Form.TEXT, "how it is to be sent"),
        _may("unneeded", Form.TEXTS, "what is not needed and should not be sent"),
        _BY,
    ),
    _kind(
        "unverified",
        "Says that a request could not be matched to a person, and what that means.",
        *_REQUEST,
        _needs("why", Form.TEXT, "why it could not"),
        _may("choices", Form.TEXTS, "what can be done instead"),
    ),
    _kind(
        "which-customer",
        "Asks for which organisation we hold the data; names none.",
        *_REQUEST,
        _WHY,
        _may("hints", Form.TEXTS, "what would help to find it"),
        _BY,
    ),
    _kind(
        "referral",
        "Hands a request to the organisation that decides about the data.",
        *_REQUEST,
        _needs("who", Form.TEXTS, "by what the person can be found, as the request had it"),
        _needs("ask", Form.TEXTS, "what we need from the organisation"),
        _may("under", Form.TEXT, "the agreement this rests on"),
        _BY,
    ),
    _kind(
        "referral-told",
        "Tells a person that their request went to the organisation that decides about the data.",
        *_REQUEST,
        _needs("customer", Form.TEXT, "that organisation"),
        _may("passed", Form.DAY, "the day it was handed on"),
        _may("contact", Form.TEXT, "where it is reached"),
    ),
    _kind(
        "clarification",
        "Asks what a request is about.",
        *_REQUEST,
        _needs("questions", Form.TEXTS, "what we ask"),
        _WHY,
        _BY,
    ),
    _kind(
        "fee",
        "Asks for a fee, or says what one would come to.",
        *_REQUEST,
        _needs("amount", Form.TEXT, "how much"),
        _WHY,
        _needs("how", Form.TEXT, "how it is paid, or the request changed or withdrawn"),
        _BY,
    ),
    _kind(
        "extension",
        "Says that more time is needed, why, and when the answer comes.",
        *_REQUEST,
        _needs("reason", Form.TEXT, "why"),
        _needs("new_date", Form.DAY, "the new last day"),
        _may("old_date", Form.DAY, "the last day until now"),
    ),
    _kind(
        "answer-access",
        "Answers a request to see data: what is held and everything the law wants said of it.",
        *_REQUEST,
        _needs(
            "contents", Form.SECTIONS, "purposes, categories, recipients, …: as the law of the case has it"
        ),
        _needs("enclosed", Form.TEXTS, "how the data itself is handed over"),
        _may("withheld", Form.REASONS, "what is held and not shown"),
        _ROUTES,
    ),
    _kind(
        "answer-erasure",
        "Answers a request to erase data: what went, what stays until when, when backups are gone.",
        *_REQUEST,
        _needs("gone", Form.TEXTS, "what was erased"),
        _needs("backups", Form.WHEN, "the day by which no backup holds it, or why there is none"),
        _may("kept", Form.KEPT, "what stays"),
        _may("told", Form.TEXTS, "recipients that were told"),
        _may("record", Form.TEXT, "what is kept about the request itself"),
        _may("certificate", Form.TEXT, "the hash of the certificate"),
        together={"kept": "routes"},
    ),
    _kind(
        "confirmation",
        "Confirms what was done: corrected, restricted, stopped, opted out, withdrawn.",
        *_REQUEST,
        _needs("done", Form.TEXTS, "what was done"),
        _needs("since", Form.DAY, "from which day on it counts"),
        _may("limits", Form.TEXTS, "what it does not change"),
        _may("told", Form.TEXTS, "recipients that were told"),
    ),
    _kind(
        "restriction-ends",
        "Tells a person, before it happens, that a restriction is lifted (GDPR Art. 18(3)).",
        *_REQUEST,
        _needs("why", Form.TEXT, "why it is lifted"),
        _needs("ends", Form.DAY, "the day on which it is"),
    ),
    _kind(
        "partial-refusal",
        "Says what was done, what was not and why, item by item, and what the person can do.",
        *_REQUEST,
        _needs("done", Form.TEXTS, "what was done"),
        _needs("reasons", Form.REASONS, "what was not, and why"),
        _ROUTES,
    ),
    _kind(
        "refusal",
        "Says that nothing is done about a request, why, and what the person can do.",
        *_REQUEST,
        _needs("reasons", Form.REASONS, "what is refused, and why"),
        _ROUTES,
    ),
    _kind(
        "nothing-held",
        "Says that nothing about the person was found, and where we looked.",
        *_REQUEST,
        _needs("searched", Form.TEXTS, "where we looked, and by what"),
        _ROUTES,
    ),
    _kind(
        "decision",
        "Says what came of a complaint or an appeal.",
        *_REQUEST,
        _needs("outcome", Form.TEXT, "what was decided"),
        _needs("because", Form.TEXTS, "why"),
        _ROUTES,
    ),
    _kind(
        "recipient-notice",
        "Tells a recipient what was corrected, erased or restricted (GDPR Art. 19).",
        _needs("what", Form.TEXT, "what was done, as `erased`"),
        _needs("law", Form.TEXT, "the rule that asks for this letter"),
        _needs("who", Form.TEXTS, "by what the recipient knows the person"),
        _needs("about", Form.TEXTS, "which data"),
        _needs("ask", Form.TEXTS, "what the recipient is to do"),
        _BY,
    ),
    _kind(
        "code",
        "Carries a one-time code.",
        _needs("code", Form.TEXT, "the code"),
        _needs("purpose", Form.TEXT, "what it is for, as `your request for a copy of your data`"),
        _needs("until", Form.TEXT, "until when it can be used"),
    ),
    _kind(
        "link",
        "Carries the private link to the page of a request.",
        *_REQUEST,
        _needs("until", Form.TEXT, "until when it can be used"),
        _ROUTES,
    ),
)

ALL: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
"""Every kind by its name."""


def of(name: str) -> Kind:
    """Return the kind of that name.

    Raises:
        BadInput: when there is none.
    """
    if name in ALL:
        return ALL[name]
    problem = Problem(
        code="unknown-name",
        message="There is no such kind of letter.",
        found=name,
        valid=tuple(ALL),
        nearest=nearest(name, ALL),
        hint="docs/reference/letters.md lists them.",
    )
    raise BadInput([problem])
