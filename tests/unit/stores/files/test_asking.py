"""A predicate is asked of a row in a file as SQL would answer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from troth.errors import StoreError
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.plan import predicates as p
from troth.stores.files import asking
from troth.stores.files.asking import Cell, Index

MANIFEST = Manifest(
    entries=(
        Entry(number=0, subject="customer", dataset="app.customers", columns=("tenant", "id")),
        Entry(
            number=1,
            subject="customer",
            dataset="app.customers",
            columns=("email",),
            family=Family.EMAIL,
            kind="email",
        ),
    ),
    people=(
        Person(number=1, values={0: (("t", 7),), 1: ((" Ada@Example.org ",),)}),
        Person(number=2, values={0: (("t", None),), 1: (("ben@example.org",),)}),
    ),
)


@dataclass
class Row:
    cells: dict[str, Cell]

    def cell(self, column: str) -> Cell:
        return self.cells.get(column)


ROW = Row(
    {
        "to": ("BEN@example.org", "x@example.org"),
        "line": "hello ada@example.org",
        "tenant": "t",
        "id": 7,
        "date": datetime(2026, 1, 2, tzinfo=UTC),
        "empty": (),
        "size": 12,
        "state": "open",
    }
)


def holds(where: p.Predicate) -> bool:
    """Ask the row."""
    return asking.holds(where, ROW, Index(MANIFEST, frozenset({"line"})))


@pytest.mark.parametrize(
    ("where", "answer"),
    [
        (p.ALWAYS, True),
        (p.NEVER, False),
        (p.Staged(entry=1, columns=("to",)), True),
        (p.Staged(entry=1, columns=("line",)), True),
        (p.Staged(entry=1, columns=("state",)), False),
        (p.Staged(entry=0, columns=("tenant", "id")), True),
        (p.Staged(entry=0, columns=("tenant", "size")), False),
        (p.Null(column="nowhere"), True),
        (p.Null(column="empty"), True),
        (p.Filled(column="to"), True),
        (p.Before(column="date", bound="2026-01-03T00:00:00+00:00", form="instant"), True),
        (p.Before(column="date", bound="2026-01-02", form="day"), False),
        (p.Before(column="nowhere", bound="2026-01-02", form="day"), False),
        (p.Compare(column="size", operator=">=", value=12), True),
        (p.Compare(column="size", operator="<", value=12.5), True),
        (p.Compare(column="state", operator="=", value="open"), True),
        (p.Compare(column="nowhere", operator="!=", value="open"), False),
        (p.OneOf(column="state", values=("open", "new")), True),
        (p.OneOf(column="size", values=(11, 13)), False),
        (p.Differs(column="state", to="text:open"), False),
        (p.Differs(column="state", to="text:"), True),
        (p.HasPath(column="state", path=("a",)), False),
        (p.Not(of=p.Compare(column="nowhere", operator="=", value="open")), True),
        (p.All(of=(p.Filled(column="to"), p.Null(column="to"))), False),
        (p.Any(of=(p.Filled(column="to"), p.Null(column="to"))), True),
    ],
)
def test_holds(where: p.Predicate, answer: bool) -> None:
    """Each kind of predicate holds, or does not."""
    assert holds(where) is answer


def test_looks_at_no_other_dataset() -> None:
    """What needs another dataset is refused, with a way out."""
    with pytest.raises(StoreError, match="no other dataset"):
        holds(p.Exists(dataset="app.orders", match=(("id", "id"),)))


def test_persons_with_their_roles() -> None:
    """A row is said to be of everybody whom some way finds, with every role."""
    ways = [
        Way(role=role, subject="customer", path=(), end=p.Staged(entry=1, columns=(column,)))
        for role, column in (("recipient", "to"), ("named", "line"), ("again", "to"))
    ]
    found = asking.persons(Index(MANIFEST, frozenset({"line"})), ways, ROW)
    assert found == {1: ("named",), 2: ("recipient", "again")}
