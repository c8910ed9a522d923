"""Reading the structure of SQLite files."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from troth.catalog.model import Catalog, Check, ColumnKind, ForeignKey, TableKind
from troth.stores.sql import introspect
from troth.stores.sql import open as sql

SCRIPT = """
CREATE TABLE People (Id INTEGER PRIMARY KEY, "full name" NVARCHAR(40) NOT NULL, born DATE, seen DATETIME,
  made TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ok BOOLEAN, pay DECIMAL(8,2), pic BLOB, mood STRING, anything,
  boss INTEGER REFERENCES people ON DELETE SET NULL, shout TEXT GENERATED ALWAYS AS (upper("full name")),
  CONSTRAINT paid CHECK (pay > 0 /* not (this) */ AND mood <> ')'), UNIQUE (born, "full name"));
CREATE UNIQUE INDEX one_seen ON People (seen) WHERE ok;
CREATE TABLE calls (region TEXT, number INT, who INT REFERENCES PEOPLE (ID) ON DELETE CASCADE,
  PRIMARY KEY (region, number)) WITHOUT ROWID;
CREATE TABLE notes (id TEXT PRIMARY KEY, region TEXT, number INT,
  FOREIGN KEY (region, number) REFERENCES calls DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW v AS SELECT * FROM notes;
CREATE TRIGGER guard BEFORE UPDATE ON notes BEGIN SELECT 1; END;
CREATE TRIGGER birth BEFORE INSERT ON notes BEGIN DELETE FROM calls; END;
CREATE VIRTUAL TABLE letters USING fts5(body);
CREATE VIRTUAL TABLE notes_index USING fts5(id, content='notes');
CREATE TABLE troth_batches (id INT)
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Read the file of the script."""
    engine = sql.connect("sqlite:///a.db", folder=tmp_path, create=True)
    with engine.begin() as connection:
        connection.connection.executescript(SCRIPT)  # type: ignore[attr-defined]
        connection.exec_driver_sql("ANALYZE")
    return introspect.read(engine, "app")


def test_declared_types_become_kinds(catalog: Catalog) -> None:
    """SQLite takes any word for a type; what people mean by it is what counts."""
    people = catalog.tables["People"]
    kinds = [column.kind.value for column in people.columns]
    assert kinds == [
        *("integer", "text", "date", "datetime", "datetime", "boolean", "number", "bytes", "text", "text"),
        *("integer", "text"),
    ]
    key, name, *_ = people.columns
    assert not key.nullable and key.has_default
    assert not name.nullable and name.length is None
    assert [c.name for c in people.columns if c.generated] == ["shout"]


def test_constraints(catalog: Catalog) -> None:
    """CHECK, UNIQUE and partial unique indexes are read, comments and quoted brackets notwithstanding."""
    people = catalog.tables["People"]
    assert people.checks == (
        Check(text="CHECK (pay > 0 AND mood <> ')')", columns=("pay", "mood"), name="paid"),
    )
    assert (people.uniques, people.partial_uniques) == ((("born", "full name"),), (("seen",),))


def test_keys(catalog: Catalog) -> None:
    """References are spelled as their targets are, and a missing target column means its key."""
    assert catalog.tables["People"].foreign_keys == (
        ForeignKey(columns=("boss",), target="People", target_columns=("Id",), on_delete="set null"),
    )
    assert catalog.tables["calls"].foreign_keys[0].target_columns == ("Id",)
    (key,) = catalog.tables["notes"].foreign_keys
    assert key.target_columns == ("region", "number") and key.deferrable
    assert catalog.tables["calls"].without_rowid


def test_views_virtual_and_shadow_tables(catalog: Catalog) -> None:
    """A full-text table stands for its shadows; an index over other content counts as a view of it."""
    kinds = {name: table.kind for name, table in catalog.tables.items()}
    assert kinds["v"] is TableKind.VIEW
    assert kinds["letters"] is TableKind.VIRTUAL
    assert kinds["notes_index"] is TableKind.VIEW
    assert kinds["letters_content"] is TableKind.SHADOW
    assert [(c.name, c.kind) for c in catalog.tables["letters"].columns] == [("body", ColumnKind.TEXT)]
    assert "troth_batches" not in kinds


def test_triggers(catalog: Catalog) -> None:
    """What fires on INSERT does not matter here, even when it deletes."""
    assert catalog.tables["notes"].triggers == ("guard (update)",)


def test_reading_chinook(shared: Path) -> None:
    """A stranger's file is read whole."""
    engine = sql.connect(f"sqlite:///{shared}/data/chinook/chinook.sqlite", readonly=True)
    found = introspect.read(engine, "shop")
    assert len(found.tables) == 11
    assert [key.target for key in found.tables["Customer"].foreign_keys] == ["Employee"]


@pytest.mark.parametrize(
    ("values", "layout"),
    [
        (["2024-01-02", None], "date"),
        (["2024-01-02 03:04:05.678"], "datetime-space"),
        (["2024-01-02T03:04:05"], "datetime-T"),
        (["2024-01-02T03:04:05Z"], "datetime-T-Z"),
        ([1715000000], "epoch-s"),
        (["1715000000000"], "epoch-ms"),
        (["2024-01-02", "2024-01-02 03:04"], "mixed"),
        (["01/02/2024"], "mixed"),
        ([None], "empty"),
    ],
)
def test_layout_of_times(tmp_path: Path, values: list[object], layout: str) -> None:
    """Each way of spelling a time is told apart; two in one column are mixed."""
    engine = sql.connect("sqlite:///t.db", folder=tmp_path, create=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a)"))
        for value in values:
            connection.execute(sa.text("INSERT INTO t VALUES (:v)"), {"v": value})
    assert introspect.text_layout(engine, introspect.read(engine, "s").tables["t"], "a") == layout
