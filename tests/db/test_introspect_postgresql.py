"""Reading the structure of PostgreSQL databases."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from db import servers
from troth.catalog.model import Catalog, Column, ColumnKind, ForeignKey, TableKind
from troth.errors import StoreError
from troth.stores.sql import introspect, read_postgresql
from troth.stores.sql import open as sql

SCRIPT = """
CREATE SCHEMA crm; CREATE SCHEMA troth;
CREATE TABLE troth.troth_batches (id int);
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN mail AS varchar(80) NOT NULL CHECK (VALUE LIKE '%@%');
CREATE TABLE "Customer Accounts" (
  "Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "eMail" mail, name varchar(40) NOT NULL DEFAULT '',
  feeling mood, boss int REFERENCES "Customer Accounts" ON DELETE SET NULL,
  age int CHECK (age > 0), shout text GENERATED ALWAYS AS (upper(name)) STORED,
  ip inet, tags text[], extra jsonb, seen timestamptz, born date, made timestamp,
  score numeric(8,2), ok boolean, photo bytea, token uuid, at time,
  CONSTRAINT grown CHECK (age > 17 OR name <> ''), UNIQUE (name, born));
CREATE UNIQUE INDEX live_mail ON "Customer Accounts" ("eMail") WHERE ok;
CREATE TABLE crm.calls (region text, number int,
  who int NOT NULL REFERENCES "Customer Accounts" ON DELETE CASCADE, PRIMARY KEY (region, number));
CREATE TABLE crm.notes (id text PRIMARY KEY, region text, number int,
  FOREIGN KEY (region, number) REFERENCES crm.calls DEFERRABLE);
CREATE TABLE events (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_notes (id int, event bigint, at date, FOREIGN KEY (event, at) REFERENCES events);
CREATE TABLE old_style (id int); CREATE TABLE old_style_1 () INHERITS (old_style);
CREATE TABLE hen (id int PRIMARY KEY, egg int); CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen);
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg;
CREATE VIEW grown_ups AS SELECT name FROM "Customer Accounts";
CREATE MATERIALIZED VIEW copied AS SELECT name FROM "Customer Accounts";
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON hen FOR EACH ROW EXECUTE FUNCTION no();
CREATE TRIGGER birth BEFORE INSERT ON hen FOR EACH ROW EXECUTE FUNCTION no();
CREATE RULE keep AS ON DELETE TO egg DO INSTEAD NOTHING;
ALTER TABLE egg ENABLE ROW LEVEL SECURITY;
ANALYZE;
"""


@pytest.fixture
def catalog(postgres: servers.Server, pg_url: str) -> Catalog:
    """Read the database of the script."""
    postgres.run_script(pg_url.rsplit("/", 1)[1], SCRIPT)
    return introspect.read(sql.connect(pg_url, readonly=True), "app")


def test_everything_a_planner_must_know(catalog: Catalog) -> None:
    """Kinds, keys, constraints, partitions and triggers of one awkward database are all found."""
    accounts = catalog.tables["Customer Accounts"]
    kinds = {column.name: column.kind.value for column in accounts.columns}
    assert list(kinds.values()) == [
        *("integer", "text", "text", "enum", "integer", "integer", "text", "inet", "array", "json"),
        *("datetime-tz", "date", "datetime", "number", "boolean", "bytes", "uuid", "time"),
    ]
    assert accounts.primary_key == ("Id",)
    assert (accounts.uniques, accounts.partial_uniques) == ((("name", "born"),), (("eMail",),))
    assert {(c.name, c.columns) for c in accounts.checks} == {
        ("Customer Accounts_age_check", ("age",)),
        ("grown", ("name", "age")),
        ("mail", ("eMail",)),
    }
    assert accounts.foreign_keys == (
        ForeignKey(
            columns=("boss",),
            target="Customer Accounts",
            target_columns=("Id",),
            on_delete="set null",
            name="Customer Accounts_boss_fkey",
        ),
    )
    assert accounts.column("eMail") == Column(
        name="eMail", kind=ColumnKind.TEXT, declared="mail", nullable=False, length=80
    )
    assert accounts.column("feeling") == Column(
        name="feeling", kind=ColumnKind.ENUM, declared="mood", choices=("glad", "sad")
    )
    generated = [c.name for c in accounts.columns if c.generated]
    assert generated == ["Id", "shout"]
    assert accounts.column("name").has_default  # type: ignore[union-attr]


def test_schemas_views_and_partitions(catalog: Catalog) -> None:
    """Other schemas are prefixed, views and partitions told apart, our own schema left out."""
    kinds = {name: table.kind for name, table in catalog.tables.items()}
    assert kinds == {
        "Customer Accounts": TableKind.TABLE,
        "crm.calls": TableKind.TABLE,
        "crm.notes": TableKind.TABLE,
        "events": TableKind.PARTITIONED,
        "events_2024": TableKind.PARTITION,
        "event_notes": TableKind.TABLE,
        "old_style": TableKind.TABLE,
        "old_style_1": TableKind.PARTITION,
        "hen": TableKind.TABLE,
        "egg": TableKind.TABLE,
        "grown_ups": TableKind.VIEW,
        "copied": TableKind.VIEW,
    }
    assert catalog.tables["events_2024"].partition_of == "events"
    assert [key.target for key in catalog.tables["event_notes"].foreign_keys] == ["events"]


def test_keys_across_schemas_and_cycles(catalog: Catalog) -> None:
    """A composite key in another schema and a cycle are both read."""
    (key,) = catalog.tables["crm.notes"].foreign_keys
    assert (key.columns, key.target, key.target_columns) == (
        ("region", "number"),
        "crm.calls",
        ("region", "number"),
    )
    assert key.deferrable
    assert catalog.tables["crm.calls"].foreign_keys[0].on_delete == "cascade"
    assert {child for child, _ in catalog.referrers["hen"]} == {"egg"}
    assert {child for child, _ in catalog.referrers["egg"]} == {"hen"}


def test_triggers_rules_and_row_security(catalog: Catalog) -> None:
    """Only what fires on a change or deletion is listed; rows that policies may hide are flagged."""
    assert catalog.tables["hen"].triggers == ("guard (update, delete)",)
    assert catalog.tables["egg"].triggers == ("keep (delete)",)
    assert catalog.tables["egg"].row_security and not catalog.tables["hen"].row_security


def test_only_the_named_schemas(postgres: servers.Server, pg_url: str) -> None:
    """Named schemas alone are read; a name that does not exist is refused with those that do."""
    postgres.run_script(pg_url.rsplit("/", 1)[1], SCRIPT)
    engine = sql.connect(pg_url)
    assert set(introspect.read(engine, "app", schemas=["crm"]).tables) == {"crm.calls", "crm.notes"}
    with pytest.raises(StoreError, match="found crm, public"):
        introspect.read(engine, "app", schemas=["Crm"])


def test_structure_ignores_data(postgres: servers.Server, pg_url: str, catalog: Catalog) -> None:
    """Rows and statistics do not move the fingerprint; a new column does."""
    database = pg_url.rsplit("/", 1)[1]
    engine = sql.connect(pg_url)
    postgres.run_script(database, "INSERT INTO hen SELECT 1; ANALYZE hen; CREATE INDEX ON hen (egg)")
    assert introspect.read(engine, "app").fingerprint == catalog.fingerprint
    postgres.run_script(database, "ALTER TABLE hen ADD weight int")
    assert introspect.read(engine, "app").fingerprint != catalog.fingerprint


def test_500_tables_in_five_seconds(postgres: servers.Server, pg_url: str) -> None:
    """A large schema is read in a fraction of what is allowed."""
    columns = ", ".join(f"c{n} text" for n in range(20))
    tables = [f"CREATE TABLE t0 (id int PRIMARY KEY, {columns})"]
    tables += [
        f"CREATE TABLE t{n} (id int PRIMARY KEY REFERENCES t{n - 1}, {columns})" for n in range(1, 500)
    ]
    postgres.run_script(pg_url.rsplit("/", 1)[1], ";\n".join(tables))
    engine = sql.connect(pg_url)
    took = []
    for _ in range(3):
        started = time.perf_counter()
        assert len(introspect.read(engine, "app").tables) == 500
        took.append(time.perf_counter() - started)
        if took[-1] < 5:
            break
    assert min(took) < 5, "thrice: something else may have had the machine"


def test_layout_of_times_in_text(pg_url: str) -> None:
    """How times are spelled is found by looking."""
    engine = sql.connect(pg_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a text, b bigint)"))
        connection.execute(
            sa.text("INSERT INTO t VALUES ('2024-05-06T07:08:09Z', 1715000000000), (NULL, NULL)")
        )
    table = introspect.read(engine, "app").tables["t"]
    assert introspect.text_layout(engine, table, "a") == "datetime-T-Z"
    assert introspect.text_layout(engine, table, "b") == "epoch-ms"


CHANGES = (
    "ALTER TABLE hen ADD COLUMN name text",
    "ALTER TABLE hen RENAME COLUMN name TO called",
    "ALTER TABLE hen ALTER COLUMN called TYPE varchar(10)",
    "ALTER TABLE hen ALTER COLUMN called SET NOT NULL",
    "CREATE UNIQUE INDEX hen_called ON hen (called)",
    "DROP INDEX hen_called",
    "ALTER TABLE hen ADD CHECK (egg > 0)",
    "ALTER TABLE hen DISABLE TRIGGER guard",
    "ALTER TABLE hen ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE hen RENAME TO cock",
    "ALTER TYPE mood ADD VALUE 'hungry'",
    "ALTER DOMAIN mail DROP NOT NULL",
    "ALTER TABLE events DETACH PARTITION events_2024",
    "DROP RULE keep ON egg",
    "CREATE TABLE crm.fresh (id int PRIMARY KEY)",
    "DROP TABLE crm.fresh",
    "ALTER SCHEMA crm RENAME TO sales",
    "INSERT INTO event_notes SELECT n, NULL, NULL FROM generate_series(1, 1000) n; ANALYZE event_notes",
)


def test_a_structure_that_is_known_is_read_again_after_every_change(
    postgres: servers.Server, pg_url: str
) -> None:
    """After each statement the structure is what a process that never looked before reads; else it is the same."""
    database = pg_url.rsplit("/", 1)[1]
    postgres.run_script(database, SCRIPT)
    engine = sql.connect(pg_url, readonly=True)
    before = introspect.read(engine, "app")
    for change in CHANGES:
        assert introspect.read(engine, "app") is before
        postgres.run_script(database, change)
        found = introspect.read(engine, "app")
        assert found is not before, change
        introspect._KNOWN.clear()
        introspect._remembered.cache_clear()
        assert found == introspect.read(engine, "app"), change
        before = introspect.read(engine, "app")


def test_nothing_is_asked_of_a_structure_while_nothing_is_written(
    postgres: servers.Server, pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that wrote nothing is only asked that; rows that were written leave the structure the same."""
    asked: list[object] = []
    mark = read_postgresql.mark
    monkeypatch.setattr(read_postgresql, "mark", lambda connection: asked.append(1) or mark(connection))
    postgres.run_script(pg_url.rsplit("/", 1)[1], "CREATE TABLE t (id int PRIMARY KEY)")
    engine = sql.connect(pg_url, readonly=True)
    first = introspect.read(engine, "app")
    looks = []
    for _ in range(5):  # The server's own cleaning may write in between.
        asked.clear()
        assert introspect.read(engine, "app") is first
        looks.append(len(asked))
    assert 0 in looks
    asked.clear()
    postgres.run_script(pg_url.rsplit("/", 1)[1], "INSERT INTO t VALUES (1)")
    assert introspect.read(engine, "app") is first and asked


def test_what_was_under_way_when_a_structure_was_read(postgres: servers.Server, pg_url: str) -> None:
    """A change that was not yet committed at the first look is seen by the next look after it is."""
    postgres.run_script(pg_url.rsplit("/", 1)[1], "CREATE TABLE t (id int PRIMARY KEY)")
    engine, other = sql.connect(pg_url, readonly=True), sql.connect(pg_url)
    with other.begin() as connection:
        connection.execute(sa.text("CREATE TABLE u (id int PRIMARY KEY)"))
        before = introspect.read(engine, "app")
    assert set(before.tables) == {"t"} and set(introspect.read(engine, "app").tables) == {"t", "u"}


@pytest.mark.xdist_group("roles-introspect")
def test_columns_that_a_role_may_read_through_another(postgres: servers.Server, pg_url: str) -> None:
    """What a role may read of a table changes with what it inherits, which no row of the structure tells."""
    name = pg_url.rpartition("/")[2]
    made = "CREATE TABLE t (id int); CREATE ROLE whole; GRANT SELECT (id) ON t TO whole"
    postgres.run_script(name, f"{made}; CREATE ROLE heir LOGIN PASSWORD 'x' IN ROLE whole")
    engine = sql.connect(postgres.url(name, user="heir", password="x"), readonly=True)
    try:
        assert not introspect.read(engine, "app").tables["t"].unreadable
        postgres.run_script(name, "ALTER ROLE heir NOINHERIT")
        assert introspect.read(engine, "app").tables["t"].unreadable
    finally:
        engine.dispose()
        postgres.run_script(name, "DROP OWNED BY whole; DROP ROLE heir; DROP ROLE whole")
