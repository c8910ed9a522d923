"""What lower rooms write for engineers, as people at a desk read it: events, laws, days and references in words.

Only wording: what a text says is not changed, and what is not known here is left as it stands. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from troth.cases import deciding

AFTER: Mapping[str, str] = {
    "collected": "it was collected",
    "last.interaction": "the last contact",
    "last.login": "the last sign-in",
    "noncustomer.since": "the person stopped being a customer",
    "identity.confirmed": "it was confirmed who the person is",
    "opted.out": "the person opted out",
    "purposes.end": "nothing needs it any more",
    "contract.ended": "the contract ended",
    "cookie.lapsed": "the cookie ran out",
}
"""Events behind `after`, where words cannot be made of their names."""
_THINGS = frozenset({"last.interaction", "last.login"})
"""Those of them that are no sentences."""
UNTIL: Mapping[str, str] = {
    "opted.out": "the person opts out",
    "purposes.end": "nothing needs it any more",
    "contract.ended": "the contract ends",
    "cookie.lapsed": "the cookie runs out",
    "identity.confirmed": "it is confirmed who the person is",
    "account.closed": "the account is closed",
}
"""The same behind `until`, where what comes is still to come."""
RIGHTS: Mapping[str, str] = {
    "access": "see one's data",
    "complain": "complain",
    "correct": "have wrong data put right",
    "delete": "have data erased",
    "erase": "have data erased",
    "know": "know what is collected",
    "limit sensitive": "limit the use of sensitive data",
    "no discrimination": "be treated no worse for using a right",
    "object": "object to a use",
    "opt out of sale": "opt out of sale and sharing",
    "portability": "take one's data elsewhere",
    "rectify": "have wrong data put right",
    "restrict": "have use restricted",
    "withdraw": "withdraw consent",
}
"""Rights by the policy's words for them, as a title has them."""

_EVENT = re.compile(r"\b(after|until|when) ([a-z]+\.[a-z-]+|collected)\b( comes)?")
_OUTLIVED = re.compile(
    r"\b(whose|and) ([a-z]+\.[a-z-]+|collected) (?:was (more than [\w ]+? ago)|has come)\b"
)
_LAW = re.compile(rf"\b({'|'.join(map(re.escape, sorted(deciding.SHORT, key=len, reverse=True)))})\b")
_DAY = re.compile(r"(?<![\w-])(\d{4})-(\d\d)-(\d\d)(?![\w-])")
_REFERENCE = re.compile(r"\b(case|hold|letter|restriction|objection):(\d+)\b")
_RIGHT = re.compile(r"^(People have the right): ([a-z ]+?)(?= \(only|$)")
_TERM = re.compile(r"\b(at-once|as-soon-as-possible|ends-with-answer|not-triggered)\b")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks of browsers; those that also call themselves by another's name come first."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_DUTY = re.compile(r"\bby statutory duty (\S+) \(([^()]+)\)")


def spoken(text: str) -> str:
    """Write a text in the words of a desk."""
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text


def stays(text: str, labels: Mapping[str, str]) -> str:
    """Say why something stays: a duty by what the policy calls its rule, the rest in the words of a desk."""

    def duty(found: re.Match[str]) -> str:
        named = labels.get(found[1]) or found[1].replace("-", " ")
        return f"because of a legal duty ({found[2].replace('-', ' ')}; rule “{named}”)"

    return spoken(_DUTY.sub(duty, text))


def event(name: str, behind: str = "after") -> str:
    """Say what happened, or what is to come."""
    known = (UNTIL if behind == "until" else AFTER).get(name)
    if known is not None:
        return known
    thing, _, what = name.partition(".")
    what = what.replace("-", " ")
    if thing == "last":
        return f"the last {what}"
    if what == "made":
        return f"the {thing}"
    return f"the {thing} {'is' if behind == 'until' else 'was'} {what}"


def day(found: date) -> str:
    """Write a day as people read it."""
    return f"{found.day} {found:%b %Y}"


def instant(text: str) -> str:
    """Write an instant as people read it, in UTC; what is none stays as it is."""
    if not _INSTANT.fullmatch(text):
        return text
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    return f"{day(found)}, {found:%H:%M:%S} UTC"


def browser(agent: str) -> str:
    """Name a browser and its system by what it says of itself (`User-Agent`); other words stay, cut short."""
    name = next((words for mark, words in _BROWSERS if mark in agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    return " on ".join(filter(None, (name, system))) or agent[:60]


def _event(found: re.Match[str]) -> str:
    before = "until" if found[3] else found[1]
    return f"{before} {event(found[2], before)}"


def _outlived(found: re.Match[str]) -> str:
    """Say of rows which event lies how far back: events that are things were, others happened."""
    name, since = found[2], found[3]
    thing = name.endswith(".made") or (name.startswith("last.") and name not in AFTER) or name in _THINGS
    before = "where" if found[1] == "whose" else "and"
    said = event(name)
    if thing:
        return f"{before} {said} was {since}" if since else f"{before} {said} has come"
    return " ".join(filter(None, (before, said, since)))


def _day(found: re.Match[str]) -> str:
    try:
        return day(date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return found[0]


def _right(found: re.Match[str]) -> str:
    return f"{found[1]} to {RIGHTS.get(found[2], found[2])}"


_WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_OUTLIVED, _outlived),
    (_EVENT, _event),
    (_LAW, lambda found: deciding.SHORT[found[1]]),
    (_DAY, _day),
    (_REFERENCE, lambda found: f"{found[1]} {found[2]}"),
    (_RIGHT, _right),
    (_TERM, lambda found: found[0].replace("-", " ")),
)
