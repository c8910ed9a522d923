"""Read what a manifest needs of the people found: one statement for each kind of subject, however many they are.

Keys of the people stand in the search's own working tables or parameters (`find.Seeker.take`), so no value is in a
statement. What the search has read already of the rows it found, in the same moment, is not read again.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from troth.people import naming
from troth.people.closure import Row
from troth.people.gathered import Read, Wanted
from troth.stores.sql import memory
from troth.stores.sql.find import Seeker
from troth.stores.sql.find_match import text
from troth.stores.sql.render import table_clause


def at_hand(seeker: Seeker, wanted: Wanted, rows: Collection[Row]) -> bool:
    """Tell whether the search has read what is wanted of all these rows."""
    return wanted == seeker.beside.get(wanted.subject) and all(row in seeker.seen for row in rows)


def read(seeker: Seeker, wanted: Wanted, rows: Collection[Row]) -> Iterator[Read]:
    """Yield rows of one kind of subject that are at hand."""
    for row in rows:
        yield _read(wanted, len(row.key), (*row.key, *seeker.seen[row]))


def gather(seeker: Seeker, wanted: Wanted) -> Iterator[Read]:
    """Yield the rows of one kind of subject whose keys the search was given (`find.Seeker.take`).

    Raises:
        StoreError: the store does not answer.
    """
    width = len(seeker.keys(wanted.subject).c)
    names = (tuple(wanted.columns), tuple(wanted.verified.items()))
    key = ("gather", seeker.outline, wanted.subject, wanted.dataset, *names)
    with seeker.speaking():
        made = functools.partial(_question, seeker, wanted)
        for found in memory.run(seeker.connection, seeker.catalog, key, made, seeker.given):
            yield _read(wanted, width, tuple(found))


def _question(seeker: Seeker, wanted: Wanted) -> sa.Select[Any]:
    table = seeker.table(wanted.dataset)
    rows, keys = table_clause(table).alias("troth_rows"), seeker.keys(wanted.subject)
    names = [column.name for column in keys.c]
    same = sa.and_(*(rows.c[name] == keys.c[name] for name in names))
    picked = [*(keys.c[name] for name in names), *seeker.columns(wanted, rows)]
    labelled = [column.label(f"troth_{number}") for number, column in enumerate(picked)]
    return sa.select(*labelled).select_from(rows.join(keys, same))


def _read(wanted: Wanted, width: int, found: tuple[object, ...]) -> Read:
    key, rest = found[:width], found[width:]
    values = dict(zip(wanted.columns, map(_plain, rest), strict=False))
    flags = zip(wanted.verified, rest[len(wanted.columns) :], strict=True)
    emptied = wanted.emptied(key, values)
    known = {name: value for name, value in values.items() if name not in emptied}
    return Read(
        row=Row(subject=wanted.subject, dataset=wanted.dataset, key=key),
        values=values,
        unproven=emptied.union(column for column, flag in flags if flag),
        names=naming.full(wanted.names, known),
    )


def _plain(value: object) -> object:
    return text(value) if isinstance(value, bytes) else value
