"""Values that rows of other stores are recognised by, and that several people have: whose the rows are, nobody knows.

Pure. A household shares a phone number, two accounts one address. Within a store a plan asks of each row whether
somebody else has the value too; across stores it cannot, so such values are taken out of the manifest and named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from troth.people import kinds, normal
from troth.people.closure import Answer, Row
from troth.people.entries import Entries, Entry, Way
from troth.people.manifest import Manifest, Value
from troth.people.typed import Identity


def far(known: Entries, ways: Mapping[str, tuple[Way, ...]]) -> tuple[Entry, ...]:
    """List identities by whose value rows of another store are recognised."""
    ends = {
        (way.end.entry, (way.path[-1][0] if way.path else dataset).partition(".")[0])
        for dataset, found in ways.items()
        for way in found
    }
    return tuple(
        entry
        for entry in known.of
        if entry.family is not None
        and any(number == entry.number and store != _store(entry) for number, store in ends)
    )


def asked(entry: Entry, people: Manifest, proven: Collection[Identity]) -> tuple[Identity, ...]:
    """List the people's values to look for at others; what was typed is known to be one person's."""
    found = (_identity(entry, values) for _, values in people.rows(entry.number))
    return tuple(dict.fromkeys(one for one in found if one is not None and one not in proven))


def others(entry: Entry, answer: Answer, known: Collection[Row]) -> frozenset[Identity]:
    """Say which values a row of somebody who is not at hand has, and not just claims."""
    rows = {
        hit.identity
        for hit in answer.hits
        if hit.row.dataset == entry.dataset and hit.row not in known and not hit.claimed
    }
    return frozenset(rows | {identity for identity, count in answer.counts.items() if count.owned})


def without(people: Manifest, entry: Entry, values: Collection[Identity]) -> Manifest:
    """Take values of an entry out of a manifest."""
    return replace(
        people,
        people=tuple(
            replace(
                person,
                values={
                    number: tuple(
                        row for row in rows if number != entry.number or _identity(entry, row) not in values
                    )
                    for number, rows in person.values.items()
                },
            )
            for person in people.people
        ),
    )


def _identity(entry: Entry, values: tuple[Value, ...]) -> Identity | None:
    assert entry.family is not None
    form = normal.normal(entry.family, str(values[0]), entry.region)
    return Identity(match=kinds.match(entry.kind), value=form) if form else None


def _store(entry: Entry) -> str:
    return entry.dataset.partition(".")[0]
