"""One evidence entry: what kind of thing happened, when, and the few facts its kind allows.

`Entry` refuses, when it is made, every field and every value that `kinds` does not list; a message names the
field and what it takes, never the value. The canonical bytes are what the tree hashes. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from troth.errors import Damaged, Refused
from troth.evidence import canonical, kinds
from troth.evidence.instants import instant
from troth.evidence.verify import leaf_hash

FORMAT = "troth.entry/1"
MAX_BYTES = 32_768
"""The longest entry; `verify` reads lines twice as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A checked entry; it cannot be made with a value its kind does not take."""

    kind: str
    at: datetime
    """When it was written; with an offset from UTC."""
    body: Mapping[str, object]

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", MappingProxyType(_checked(self.kind, self.body)))
        if len(self.encode()) > MAX_BYTES:
            raise Refused(
                f"An entry '{self.kind}' of at most {MAX_BYTES} bytes was expected; this one is longer."
            )

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        fields = {"at": instant(self.at), "body": dict(self.body), "format": FORMAT, "kind": self.kind}
        return canonical.encode(fields)

    def leaf(self) -> bytes:
        """Return the hash under which the tree knows it."""
        return leaf_hash(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> Entry:
        """Read an entry back.

        Raises:
            Damaged: when the bytes are not an entry of this format with a kind and fields known here.
        """
        content = canonical.decode(data)
        if not isinstance(content, dict) or sorted(content) != ["at", "body", "format", "kind"]:
            raise Damaged(
                "An evidence entry with at, body, format and kind was expected, something else was found."
            )
        if content["format"] != FORMAT:
            raise Damaged(
                f"An entry of format {FORMAT} was expected; it is of another.", hint="Use a newer Troth."
            )
        try:
            entry = cls(kind=content["kind"], at=datetime.fromisoformat(content["at"]), body=content["body"])
        except (Refused, TypeError, ValueError, AttributeError) as error:
            raise Damaged(
                "An evidence entry was expected; what was found breaks the rules of its kind."
            ) from error
        if entry.encode() != data:
            raise Damaged(
                "An evidence entry in its one spelling was expected; its instant is written otherwise."
            )
        return entry


def _checked(name: str, body: Mapping[str, object]) -> dict[str, object]:
    kind = kinds.ALL.get(name)
    if kind is None:
        raise Refused(
            "There is no such kind of evidence entry.", hint=f"Kinds: {', '.join(sorted(kinds.ALL))}."
        )
    known = kind.fields
    strangers = len([field for field in body if field not in known])
    if strangers:
        raise Refused(
            f"An entry '{name}' was given {strangers} field(s) it does not take: what if one is personal?",
            hint=f"It takes: {', '.join(known)}.",
        )
    for field in kind.required:
        if field not in body:
            raise Refused(
                f"An entry '{name}' needs the field '{field}'.", hint=f"It takes {known[field].takes}."
            )
    for field, value in body.items():
        if not known[field].accepts(value):
            raise Refused(
                f"The field '{field}' of an entry '{name}' takes {known[field].takes}; found something else."
            )
    return {field: tuple(v) if isinstance(v, list) else v for field, v in body.items()}
