"""Words of answers: what went, what stays and why, as the policy names it and without a word of ours.

Read off what is sealed with a request; names of holds and codes of reasons never reach a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from troth.app.casework import doing
from troth.app.casework.contents import Held
from troth.app.casework.deciding import KEEPS
from troth.app.requests.opening import Work
from troth.backups.gone import LastCopy
from troth.cases import deciding
from troth.cases.case import Case
from troth.letters.model import Reason

DAY = re.compile(r"\d{4}-\d\d-\d\d")
REFERENCE = re.compile(r"[a-z]+:\d+")
"""How a hold is named among us: nothing to tell a person."""
DUTY = re.compile(r"\S+ \((.+)\)")
"""How a duty is named among us, by its rule; what it is for stands in brackets."""
EVENT = re.compile(r"\b([a-z]+)\.([a-z-]+)\b")
"""How a policy names what happened: `transaction.made`."""
EVENTS = {
    "when purposes.end comes": "when nothing needs it any more",
    "when opted.out comes": "when you opt out",
    "noncustomer.since": "you stopped being a customer",
    "contract.ended": "the contract ended",
}
"""What happened, where words cannot be made of its name."""

NO_COPY = "We keep no copy of our systems that still holds your data."

UNKNOWN_COPY = (
    "Copies made for emergencies may hold it until they are overwritten; we cannot name the day yet."
)


def codes(case: Case) -> tuple[str, ...]:
    """Return the reasons of the decision, as codes."""
    decided = case.last("decided")
    return tuple(decided.body.get("reasons", ())) if decided else ()  # type: ignore[arg-type]


def reasons(work: Work, held: Held) -> list[Reason]:
    """Write the reasons of the decision; the facts behind them are ours, and stay sealed."""
    until = str(sealed(work, held.case, "decided").get("until", ""))
    return [
        Reason(item=held.case.kind.request, because=one.says, law="; ".join(one.rules), until=until)
        for one in deciding.reasons(held.case, codes(held.case))
    ]


def kept(work: Work, held: Held, text: Mapping[str, Any]) -> list[Reason]:
    """Write what stays, by what it is and why, with its end or the day it is looked at again."""
    found: dict[tuple[str, str, str], Reason] = {}
    for dataset, fields, reason, detail, ends, review in rows(text, "kept"):
        code = KEEPS.get(str(reason))
        if code is not None:
            why, rules = _ground(held, code, str(detail))
            what, until = _what(held, str(dataset), fields), _when(str(ends), str(review))
            found[what, why, until] = Reason(item=what, because=why, law="; ".join(rules), until=until)
    if found:
        return list(found.values())
    return [replace(one, until=one.until or "until the reason ends") for one in reasons(work, held)]


def _ground(held: Held, code: str, detail: str) -> tuple[str, tuple[str, ...]]:
    """Say why something stays: a hold by the exceptions somebody decided on, a duty by the law that lets it stand."""
    if code == "hold":
        named = [one for one in deciding.reasons(held.case, codes(held.case)) if one.rules]
        if named:
            return "; ".join(one.says for one in named), tuple(rule for one in named for rule in one.rules)
    given = deciding.reasons(held.case, [code])[0]
    if code != "statutory-duty":
        return given.says, given.rules
    rules = deciding.reasons(held.case, ["legal-obligation"])[0].rules
    told = detail and not REFERENCE.fullmatch(detail)
    return (f"{given.says} ({_words(detail)})" if told else given.says), rules


def _when(ends: str, review: str) -> str:
    if ends:
        return _day(ends) if DAY.fullmatch(ends[:10]) else _told(ends)
    return f"looked at again on {_day(review)}" if review else "until the reason ends"


def _day(text: str) -> str:
    """Write a day as letters do; what is none stays as it is."""
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{found.day} {found:%B %Y}"


def _told(ends: str) -> str:
    """Say an end to a person, without the names the policy gives to what happens."""
    for name, words in EVENTS.items():
        ends = ends.replace(name, words)
    return EVENT.sub(_event, ends)


def _event(found: re.Match[str]) -> str:
    thing, what = found[1], found[2].replace("-", " ")
    return f"the {thing} was {what}" if what == "made" or what.endswith("ed") else f"the {thing} {what}"


def _words(text: str) -> str:
    named = DUTY.fullmatch(text)
    return (named[1] if named else text).replace("-", " ").replace("retention.", "")


def gone(held: Held, text: Mapping[str, Any]) -> list[str]:
    """Write what went, by what it is."""
    found: dict[str, None] = {}
    for dataset, fields, _ in rows(text, "gone"):
        found[_what(held, str(dataset), fields)] = None
    return [f"{one[:1].upper()}{one[1:]}." for one in found]


def _what(held: Held, dataset: str, fields: Sequence[str]) -> str:
    """Say what a dataset or some of its fields are, as the policy names it."""
    mapped = held.project.datamap.datasets.get(dataset)
    if mapped is None:
        return dataset.rpartition(".")[2].replace("_", " ")
    columns = set(fields)
    named = [c for c, own in mapped.fields.items() if not columns or any(one.name in columns for one in own)]
    what = ", ".join(map(held.called, named or mapped.fields))
    return f"{what} ({dataset.rpartition('.')[2].replace('_', ' ')})"


def backups(text: Mapping[str, Any]) -> date | str:
    """Say when no backup holds it; what nobody can say is not denied."""
    said = str(text.get("backups") or "")
    if day := doing.GONE_BY.match(said):
        return date.fromisoformat(day[1])
    return NO_COPY if said == str(LastCopy(day=None, sets=0)) else UNKNOWN_COPY


def withheld(work: Work, held: Held) -> list[Reason]:
    """Write what is held and not shown, and why."""
    made = sealed(work, held.case, "planned")
    found = []
    for dataset, why in (made.get("withheld") or {}).items():
        found += [
            Reason(item=_what(held, str(dataset), []), because=str(reason).replace("-", " "))
            for reason in why
        ]
    left = made.get("left_out") or {}
    found += [Reason(item=_what(held, str(name), []), because=str(why)) for name, why in left.items()]
    return list(dict.fromkeys(found))


def sealed(work: Work, case: Case, kind: str) -> Mapping[str, Any]:
    """Return what is sealed beside the last event of a kind."""
    event = case.last(kind)
    return (work.ledger.cases.text(case.id, event.number) if event and event.has_text else None) or {}


def rows(text: Mapping[str, Any], name: str) -> list[list[Any]]:
    """Return the rows of a list that is sealed with a request."""
    found: list[list[Any]] = text.get(name) or []
    return found
