"""The regular expression that finds a person's own identities and full names in free text; pure.

The same text works in PostgreSQL (chapter 9.7.3, advanced regular expressions) and in Python. Only whole words: an
address inside a longer one is somebody else's. Names of one word or fewer than four letters, and identifiers of fewer
than five characters, are left alone: they would take numbers and words out of everybody's texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.manifest import Person
from troth.people.typed import Identity

ERASED = "[erased]"
SHORT = "***"
"""For columns of limited length: no longer than anything it stands for."""
LONGEST_KEPT_ID = 4
SHORTEST_NAME = 4
SHORTEST_PHONE = 7
_BETWEEN = r"[\s().\/\-\u00a0\u2009\u2011]{0,3}"
"""What may stand between the digits of a phone number."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def pattern(people: Iterable[Person], region: str = "") -> str | None:
    """Write one expression for everything of some people, longest first; None where there is nothing."""
    found = dict.fromkeys(part for person in people for part in _of(person, region))
    ordered = sorted(found, key=lambda part: (-len(part), part))
    return f"(?:{'|'.join(ordered)})" if ordered else None


def _of(person: Person, region: str) -> Iterator[str]:
    for identity in person.identities:
        yield from _identity(identity, region)
    for name in person.names:
        words = name.split()
        if len(words) > 1 and sum(map(len, words)) >= SHORTEST_NAME:
            yield rf"(?<!\w){_BLANKS.join(map(escaped, words))}(?!\w)"


_BLANKS = r"\s+"


def _identity(identity: Identity, region: str) -> Iterator[str]:
    family = kinds.family(identity.match.rstrip("/"))
    if family is Family.NAME:
        return
    for spelling in normal.spellings(family, identity.value, region):
        match family:
            case Family.EMAIL:
                yield rf"(?<![\w.+%\-]){escaped(spelling)}(?![\w\-]|\.\w)"
            case Family.PHONE:
                digits = normal.digits(spelling).removeprefix("+")
                if len(digits) >= SHORTEST_PHONE:
                    yield rf"(?<![\d+])\+?{_BETWEEN.join(digits)}(?!\d)"
            case Family.IP:
                yield rf"(?<![\w.:]){escaped(spelling)}(?![\w:]|\.\d)"
            case _ if len(spelling) > LONGEST_KEPT_ID and spelling.isdecimal():
                yield rf"(?<![\w\-])(?<!\d[.,]){spelling}(?![\w\-]|[.,]\d)"
            case _ if len(spelling) > LONGEST_KEPT_ID:
                yield rf"(?<![\w\-]){escaped(spelling)}(?![\w\-])"
            case _:
                continue


def escaped(text: str) -> str:
    """Write a text so that an expression finds just it; blanks of any kind and number stand for one another."""
    return "".join(c if c.isalnum() or c == "_" or ord(c) > 126 else rf"\{c}" for c in text)


def replacement(length: int | None) -> str:
    """Choose what stands in place: never longer than what was there, in a column of limited length."""
    return ERASED if length is None else SHORT
