"""A letter as typed parts: what it says, in order, with no mark-up and no layout.

`compose` makes it, `text`, `html` and `pdf` show it, the outbox keeps it sealed. To whom it goes stands beside it,
never in it. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from troth.errors import Damaged

VERSION = "troth.letter/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The organisation in whose name it is written."""

    name: str
    contact: str
    """Where an answer reaches it: an address or a page."""
    address: tuple[str, ...] = ()
    """Its postal address, line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading within the letter."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph; a line feed in it is a line break."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of points."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; every row is as long as the headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one thing was not done, or stays."""

    item: str
    because: str
    law: str = ""
    """The rule it rests on, as `Art. 17(3)(b) GDPR`."""
    until: str = ""
    """When the reason ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Reasons, one by one, with the words that stand before law and end."""

    items: tuple[Reason, ...]
    law: str = "Rule"
    until: str = "Until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Something the person can do now: ask for a review, complain, go to court."""

    part: str
    """What the law calls for, as a word: `controller`, `authority`, `judicial`, `appeal`."""
    name: str
    how: str
    contact: str = ""
    """Address, telephone, page; line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The ways open to the person."""

    items: tuple[Route, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A one-time code, shown large."""

    text: str


Part = Heading | Paragraph | Listing | Table | Reasons | Routes | Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter, ready to be shown in any form."""

    kind: str
    language: str
    """As BCP 47 has it: `en`."""
    subject: str
    sender: Sender
    written: date
    reference: str
    """The case's number as people quote it; may be empty."""
    parts: tuple[Part, ...]

    def encode(self) -> bytes:
        """Write it as JSON, for keeping sealed."""
        parts = [{"is": type(part).__name__, **asdict(part)} for part in self.parts]
        whole = asdict(self) | {"format": VERSION, "written": self.written.isoformat(), "parts": parts}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def decode(content: bytes) -> Letter:
    """Read what `encode` wrote.

    Raises:
        Damaged: when it is something else.
    """
    try:
        whole = json.loads(content)
        if whole.pop("format") != VERSION:
            raise ValueError
        whole["written"] = date.fromisoformat(whole["written"])
        whole["sender"] = Sender(**_tupled(whole["sender"]))
        whole["parts"] = tuple(_part(part) for part in whole["parts"])
        return Letter(**whole)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Damaged("A letter of the outbox is not as Troth wrote it.") from wrong


def _table(fields: Mapping[str, Any]) -> Table:
    return Table(headings=tuple(fields["headings"]), rows=tuple(map(tuple, fields["rows"])))


def _reasons(fields: Mapping[str, Any]) -> Reasons:
    return Reasons(**{**fields, "items": tuple(Reason(**one) for one in fields["items"])})


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Part]] = {
    "Heading": lambda fields: Heading(**fields),
    "Paragraph": lambda fields: Paragraph(**fields),
    "Listing": lambda fields: Listing(**_tupled(fields)),
    "Table": _table,
    "Reasons": _reasons,
    "Routes": lambda fields: Routes(items=tuple(Route(**one) for one in fields["items"])),
    "Code": lambda fields: Code(**fields),
}


def _part(fields: Mapping[str, Any]) -> Part:
    return _READERS[fields["is"]]({name: value for name, value in fields.items() if name != "is"})


def _tupled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
