"""Stream the rows about the people at hand: one statement for each dataset, however many people.

Reads only, everything of one moment, dataset by dataset and in each person by person, so that nobody has to hold
more than a few rows. A row comes once for each person it is about. PostgreSQL writes rows as JSON itself, in half the
time; elsewhere values come as the driver reads them.
"""

from __future__ import annotations

import functools
import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from troth.apply.people import Record
from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.stores.sql import given, memory, read_people, read_text, read_together, staged_people, staging
from troth.stores.sql.read_people import Asked
from troth.stores.sql.read_together import Part, Row
from troth.stores.sql.staged_people import StagedPeople

AT_ONCE = 500
"""Rows fetched at a time."""
_SETTINGS = """SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL TimeZone = 'UTC'; SET LOCAL jit = off;
SET LOCAL random_page_cost = 1.1; SET LOCAL enable_mergejoin = off"""
"""Values come without loss: intervals by ISO 8601, instants in UTC. PostgreSQL would compile (chapter 32) what runs
for milliseconds, and by its defaults takes the walk through a third of an index for cheaper than a thousand looks
into it."""


def read(
    engine: sa.Engine,
    catalog: Catalog,
    people: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    columns: Mapping[str, tuple[str, ...]] | None = None,
    within: sa.Connection | None = None,
) -> Iterator[Record]:
    """Yield the rows of every dataset of this store that are about the people.

    Args:
        engine: The store.
        catalog: Its structure.
        people: Whose rows are wanted.
        ways: How the rows of each dataset reach people.
        columns: What is wanted of the rows of a dataset; all columns of one that is not named.
        within: A session that reads what is of the moment in which the people were found, if there is one.

    Raises:
        StoreError: the store stops answering, or lets nobody make a temporary table.
    """
    own = {name: found for name, found in ways.items() if found and catalog.dataset(name) is not None}
    if not own or not people.people:
        return
    needed = staged_people.asked(catalog, people, read_people.staged(own, people))
    settings = _SETTINGS if catalog.dialect == "postgresql" else ""
    with staging.opened(
        engine, catalog, people, needed, parameters=True, settings=settings, within=within
    ) as opened:
        connection, staged = opened
        _prepare(connection)
        wanted = [
            Asked(
                dataset=name, table=table, ways=found, people=people, columns=(columns or {}).get(name, names)
            )
            for name, found in own.items()
            if (table := catalog.dataset(name)) is not None and (names := table.column_names)
        ]
        # By parameters they are about few people: what one statement costs by itself is most of its cost.
        # A time limit for each statement was meant for one dataset.
        alone = staged.given is None or not given.patient(connection)
        several = 1 if alone else read_together.MOST
        for first in range(0, len(wanted), several):
            yield from _records(connection, wanted[first : first + several], staged)


def _records(connection: sa.Connection, several: Sequence[Asked], staged: StagedPeople) -> Iterator[Record]:
    """Read datasets by one statement, one after the other."""
    key = ("read", staged.outline, tuple((a.dataset, a.ways, a.columns) for a in several))
    written = memory.remembered(staged.catalog, key, lambda: _written(connection.dialect, several, staged))
    rows = _rows(connection, written, staged.given or {})
    if len(several) == 1:
        yield from _of_one(connection, several[0], written.parts[0], rows)
        return
    for number, part in read_together.apart(rows, written.parts):
        yield from _of_one(connection, several[number], written.parts[number].joined, part)


def _of_one(connection: sa.Connection, asked: Asked, part: Part, rows: Iterator[Row]) -> Iterator[Record]:
    postgresql = connection.dialect.name == "postgresql"
    values = read_text.written if postgresql else functools.partial(read_text.named, asked.columns)
    if part.place < 0:
        name, role = asked.dataset, (asked.ways[0].role,)
        for number, row in enumerate(rows, 1):
            yield Record(row[0], name, str(number), role, False, values(row, 1))
        return
    made = _flagged(asked, rows, values) if not part.place else _joined(asked, part, rows, values)
    for number, (person, roles, shared, found) in enumerate(made, 1):
        yield Record(
            person=person, dataset=asked.dataset, row=str(number), roles=roles, shared=shared, values=found
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A question as the driver takes it, and how its rows are read."""

    text: str
    given: Mapping[str, object]
    positions: tuple[str, ...] | None
    """The order in which values are given; None where they are given by name."""
    parts: tuple[Part, ...]
    """One for each dataset."""


Values: TypeAlias = Callable[[Row, int], Mapping[str, object]]
"""Reads the columns of a row, which begin at a position."""
Found: TypeAlias = tuple[int, tuple[str, ...], bool, Mapping[str, object]]
"""Person, roles, whether others stand in the row, values."""


def _flagged(asked: Asked, rows: Iterator[Row], values: Values) -> Iterator[Found]:
    """Read rows that carry a flag for each way, and one for each way that begins at filled columns."""
    judge, width = read_people.judge(asked, ()), len(asked.ways)
    for row in rows:
        ways = {n for n, flag in enumerate(row[1 : width + 1]) if flag}
        roles, shared = judge(ways, row[width + 1 : 2 * width + 1])
        yield row[0], roles, shared, values(row, 2 * width + 1)


def _joined(asked: Asked, part: Part, rows: Iterator[Row], values: Values) -> Iterator[Found]:
    """Join what several ways found of the same row: it comes once after the other."""
    judge, width = read_people.judge(asked, part.others), len(asked.ways)
    way = part.place + 1
    filled = way + 1 + len(part.others)
    for _, alike in itertools.groupby(rows, key=lambda row: row[:way]):
        found = list(alike)
        row = found[0]
        ways = {one[way] for one in found}
        roles, shared = judge(ways, row[filled : filled + width])
        others = zip(part.others, row[way + 1 : filled], strict=True)
        elsewhere = any(flag and (n not in ways or asked.owned(asked.ways[n])) for n, flag in others)
        yield row[0], roles, shared or elsewhere, values(row, filled + width)


def _prepare(connection: sa.Connection) -> None:
    """Let SQLite hand over text that is no UTF-8."""
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.text_factory = functools.partial(str, encoding="utf-8", errors="backslashreplace")


def _written(dialect: sa.Dialect, several: Sequence[Asked], staged: StagedPeople) -> _Written:
    """Render and compile the statement for one dataset, or for several."""
    values = read_text.columns if dialect.name == "postgresql" else read_text.plain
    questions = [read_people.question(asked, staged, values) for asked in several]
    statement = questions[0].statement if len(questions) == 1 else read_together.statement(questions)
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup
    return _Written(
        text=str(compiled),
        given=dict(compiled.construct_params()),
        positions=None if names is None else tuple(names),
        parts=tuple(Part(place=one.place, others=one.others) for one in questions),
    )


def _rows(connection: sa.Connection, question: _Written, people: Mapping[str, object]) -> Iterator[Row]:
    """Stream an answer past SQLAlchemy's own rows, whose making costs as much as the reading.

    The driver's errors become SQLAlchemy's all the same.
    """
    text, given, positions = question.text, question.given, question.positions
    cursor: Any = _cursor(connection)
    try:
        if connection.dialect.name == "postgresql":
            yield from cursor.stream(text, {**given, **people}, size=AT_ONCE)
            return
        cursor.execute(text, [given[name] for name in positions] if positions is not None else given)
        while found := cursor.fetchmany(AT_ONCE):
            yield from found
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(text, None, error) from error
    finally:
        cursor.close()


def _cursor(connection: sa.Connection) -> object:
    """Return a cursor that holds a few rows; PyMySQL's own would fetch them all."""
    if connection.dialect.name != "mariadb":
        return connection.connection.cursor()
    from pymysql.cursors import SSCursor

    raw: Any = connection.connection.dbapi_connection
    return raw.cursor(SSCursor)
