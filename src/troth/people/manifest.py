"""The manifest of a rights plan: who it is about, as keys, identities and names; sealed, and never in the plan.

Pure. Stores fill their staging tables from it, the recheck takes its tokens from it. It is kept encrypted in the
ledger under a key of its own, and destroyed after a clean recheck.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.typed import Identity

FORMAT = "troth.manifest/1"
Value: TypeAlias = object
"""A value as the driver of its store returned it: text, number, date, UUID, bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of the manifest."""

    number: int
    """From 1; how the person is named everywhere outside."""
    values: Mapping[int, tuple[tuple[Value, ...], ...]]
    """For each entry, by its number, what stands in its columns."""
    identities: Sequence[Identity] = ()
    """Proven identities in normal form: typed, or verified in the rows found."""
    names: tuple[str, ...] = ()
    """Full names, as written: looked for in free text, and nowhere else."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everyone a rights plan is about."""

    entries: tuple[Entry, ...]
    people: tuple[Person, ...] = field(repr=False)

    def rows(self, entry: int) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """Yield (person, values) for one entry; rows that lack a value are none."""
        for person in self.people:
            for values in person.values.get(entry, ()):
                if all(value is not None for value in values):
                    yield person.number, values

    def chunks(self, size: int) -> Iterator[Manifest]:
        """Yield the manifest in parts of so many people."""
        for start in range(0, len(self.people), size):
            yield Manifest(entries=self.entries, people=self.people[start : start + size])


def dump(manifest: Manifest) -> bytes:
    """Write a manifest as UTF-8 JSON, for sealing."""
    value = {
        "format": FORMAT,
        "entries": [
            {
                "number": e.number,
                "subject": e.subject,
                "dataset": e.dataset,
                "columns": list(e.columns),
                "family": e.family.value if e.family else None,
                "kind": e.kind,
                "region": e.region,
            }
            for e in manifest.entries
        ],
        "people": [
            {
                "number": p.number,
                "values": {
                    str(entry): [[_written(v) for v in row] for row in rows]
                    for entry, rows in p.values.items()
                },
                "identities": [[i.match, i.value] for i in p.identities],
                "names": list(p.names),
            }
            for p in manifest.people
        ],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def load(data: bytes) -> Manifest:
    """Read back what `dump` wrote."""
    value: Any = json.loads(data)
    assert value["format"] == FORMAT
    return Manifest(
        entries=tuple(
            Entry(
                number=e["number"],
                subject=e["subject"],
                dataset=e["dataset"],
                columns=tuple(e["columns"]),
                family=Family(e["family"]) if e["family"] else None,
                kind=e["kind"],
                region=e["region"],
            )
            for e in value["entries"]
        ),
        people=tuple(
            Person(
                number=p["number"],
                values={
                    int(entry): tuple(tuple(_read(v) for v in row) for row in rows)
                    for entry, rows in p["values"].items()
                },
                identities=tuple(Identity(match=m, value=v) for m, v in p["identities"]),
                names=tuple(p["names"]),
            )
            for p in value["people"]
        ),
    )


_PLAIN = (str, int, float, bool, type(None))


def _written(value: Value) -> object:
    if isinstance(value, _PLAIN):
        return value
    match value:
        case uuid.UUID():
            return {"uuid": str(value)}
        case decimal.Decimal():
            return {"decimal": str(value)}
        case dt.datetime():
            return {"datetime": value.isoformat()}
        case dt.date():
            return {"date": value.isoformat()}
        case bytes() | bytearray() | memoryview():
            return {"bytes": base64.b64encode(bytes(value)).decode()}
        case _:
            return {"text": str(value)}


_READ: Mapping[str, Any] = {
    "uuid": uuid.UUID,
    "decimal": decimal.Decimal,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "bytes": base64.b64decode,
    "text": str,
}


def _read(value: Any) -> Value:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _READ[kind](text)


def texts(people: Sequence[Person]) -> Iterator[tuple[int, str]]:
    """Yield (person, text) for everything that is replaced in free text: identities and full names."""
    for person in people:
        for one in dict.fromkeys((*(i.value for i in person.identities), *person.names)):
            yield person.number, one
