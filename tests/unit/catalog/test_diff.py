"""Differences between two structures, in sentences."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from troth.catalog.diff import diff
from troth.catalog.model import Catalog, Check, Column, ColumnKind, ForeignKey, Table, TableKind

MAIL = Column(name="email", kind=ColumnKind.TEXT, declared="varchar(80)", length=80)
PEOPLE = Table(name="people", table="people", columns=(MAIL,), primary_key=("email",))


def catalog(*tables: Table) -> Catalog:
    """Make a catalog of tables."""
    return Catalog(store="app", dialect="postgresql", tables={t.name: t for t in tables})


def said(old: Table, new: Table) -> list[str]:
    """Return the sentences between two tables."""
    return [str(change) for change in diff(catalog(old), catalog(new))]


def test_nothing_changed() -> None:
    """Equal structures have no difference; statistics and indexes are not structure."""
    assert said(PEOPLE, replace(PEOPLE, rows=12, indexes=(("email",),))) == []


def test_tables_come_and_go() -> None:
    """New and missing tables are named with their columns."""
    assert [str(c) for c in diff(catalog(), catalog(PEOPLE))] == ["app.people is new, a table with email"]
    assert [str(c) for c in diff(catalog(PEOPLE), catalog())] == ["app.people is gone"]


def test_a_column_changes() -> None:
    """Type, length and NOT NULL are each said."""
    other = replace(MAIL, declared="text", length=None, nullable=False)
    assert said(PEOPLE, replace(PEOPLE, columns=(other,))) == [
        "app.people.email was varchar(80) and is text",
        "app.people.email may no longer be empty",
        "app.people.email took 80 characters and takes any length",
    ]


def test_constraints_change() -> None:
    """Keys, checks and triggers come and go by their own words."""
    key = ForeignKey(columns=("boss",), target="people", target_columns=("id",), on_delete="cascade")
    new = replace(PEOPLE, foreign_keys=(key,), triggers=("guard (delete)",), primary_key=())
    assert said(PEOPLE, new) == [
        "app.people: the primary key was email and is nothing",
        "app.people: the foreign key boss → people (id), on delete cascade is new",
        "app.people: the trigger guard (delete) is new",
    ]


columns = st.builds(
    Column,
    name=st.sampled_from(["a", "b", "c"]),
    kind=st.sampled_from([ColumnKind.TEXT, ColumnKind.DATE]),
    declared=st.sampled_from(["text", "date"]),
    nullable=st.booleans(),
    length=st.sampled_from([None, 8]),
    generated=st.booleans(),
    has_default=st.booleans(),
    choices=st.sampled_from([(), ("x",)]),
)
keys = st.builds(
    ForeignKey,
    columns=st.sampled_from([("a",), ("b",)]),
    target=st.just("t"),
    target_columns=st.just(("a",)),
    on_delete=st.sampled_from(["cascade", "restrict"]),
    deferrable=st.booleans(),
    name=st.sampled_from(["", "k"]),
)
checks = st.builds(
    Check,
    text=st.sampled_from(["CHECK (a)", "CHECK (b)"]),
    columns=st.sampled_from([(), ("a",)]),
    name=st.just("c"),
)
tables = st.builds(
    Table,
    name=st.just("t"),
    table=st.just("t"),
    kind=st.sampled_from(TableKind),
    columns=st.lists(columns, max_size=3, unique_by=lambda c: c.name).map(tuple),
    primary_key=st.sampled_from([(), ("a",), ("b",)]),
    uniques=st.lists(st.sampled_from([("a",), ("b", "c")]), max_size=2, unique=True).map(tuple),
    foreign_keys=st.lists(keys, max_size=2, unique=True).map(tuple),
    checks=st.lists(checks, max_size=2, unique=True).map(tuple),
    triggers=st.lists(st.sampled_from(["x (delete)", "y (update)"]), max_size=2, unique=True).map(tuple),
    partition_of=st.sampled_from(["", "p"]),
    row_security=st.booleans(),
    without_rowid=st.booleans(),
)


@given(tables, tables)
def test_nothing_is_said_exactly_when_fingerprints_agree(old: Table, new: Table) -> None:
    """The list of differences is empty if and only if the structure is the same."""
    before, after = catalog(old), catalog(new)
    assert (not diff(before, after)) == (before.fingerprint == after.fingerprint)
