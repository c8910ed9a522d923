"""Several datasets read by one statement of PostgreSQL, one after the other.

For few people, sending a statement and waiting for it costs more than the rows it finds. Each dataset's own statement
(`read_people`) becomes a part of one UNION ALL; its columns are brought to the same five: number of the part, person,
what tells rows apart, flags, values. Parts come one after the other, each in its own order, as long as one process
reads them (`borrow.READING`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, TypeAlias

import sqlalchemy as sa

from troth.stores.sql.read_people import Question

MOST = 16
"""Datasets in one statement: the server plans all before it hands over a row."""
Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How the rows of one dataset are read (`read_people.Question`)."""

    place: int
    others: tuple[int, ...]

    @property
    def joined(self) -> Part:
        """The same for rows that were read together with others: their place is one column."""
        return replace(self, place=min(self.place, 1))


def statement(questions: Sequence[Question]) -> sa.CompoundSelect[Any]:
    """Join the statements of several datasets."""
    return sa.union_all(*(_part(number, one) for number, one in enumerate(questions)))


def _part(number: int, question: Question) -> sa.Select[Any]:
    person, *marks, values = question.statement.selected_columns
    place, flags = marks[: max(question.place, 0)], marks[max(question.place, 0) :]
    told = sa.cast(sa.func.json_build_array(*place), sa.Text) if place else _NOTHING
    flagged = sa.func.concat_ws(" ", *flags) if flags else _NOTHING
    columns: tuple[Any, ...] = (sa.literal_column(str(number)), person, told, flagged, values)
    return question.statement.with_only_columns(*columns, maintain_column_froms=True)


_NOTHING: sa.ColumnElement[Any] = sa.literal_column("NULL::text")


def apart(rows: Iterator[Row], parts: Sequence[Part]) -> Iterator[tuple[int, Iterator[Row]]]:
    """Part the rows of a statement again, each as `Part.joined` says; those of one are read before the next."""
    for number, own in itertools.groupby(rows, key=itemgetter(0)):
        yield number, map(_plain if parts[number].place < 0 else _marked, own)


def _plain(row: Row) -> Row:
    return row[1], row[4]


def _marked(row: Row) -> Row:
    _, person, place, flags, values = row
    told = () if place is None else (place,)
    return person, *told, *map(int, flags.split()), values
