"""Reading the structure of MariaDB databases."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from db import mariadb
from troth.catalog.model import Catalog, Column, ColumnKind, ForeignKey, TableKind
from troth.errors import StoreError
from troth.stores.sql import introspect
from troth.stores.sql import open as sql

SCRIPT = (
    "CREATE TABLE `Customer Accounts` ("
    " `Id` int AUTO_INCREMENT PRIMARY KEY, `eMail` varchar(80) NOT NULL,"
    " name varchar(40) CHARACTER SET latin1 NOT NULL DEFAULT '', feeling ENUM('gl''ad', 's,ad'), boss int,"
    " age int CHECK (age > 0),"
    " shout varchar(40) GENERATED ALWAYS AS (upper(name)) STORED, ip inet6, tags SET('a', 'b'), extra json,"
    " seen timestamp NULL, born date, made datetime(6), score decimal(8,2), ok boolean, photo blob, token uuid,"
    " at time, small tinyint, long_text mediumtext,"
    " changed timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),"
    " CONSTRAINT grown CHECK (age > 17 OR name <> ''), UNIQUE (name, born), UNIQUE KEY beginning (long_text(10)),"
    " FOREIGN KEY (boss) REFERENCES `Customer Accounts` (`Id`) ON DELETE SET NULL)",
    "CREATE TABLE calls (region varchar(10), number int, who int NOT NULL, PRIMARY KEY (region, number),"
    " CONSTRAINT of_whom FOREIGN KEY (who) REFERENCES `Customer Accounts` (`Id`) ON DELETE CASCADE)",
    "CREATE TABLE notes (id varchar(9) PRIMARY KEY, region varchar(10), number int,"
    " FOREIGN KEY (region, number) REFERENCES calls (region, number))",
    "CREATE TABLE events (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at))"
    " (PARTITION p0 VALUES LESS THAN (2024), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE old (id int PRIMARY KEY, n text) ENGINE=MyISAM",
    "CREATE TABLE history (id int PRIMARY KEY, n text) WITH SYSTEM VERSIONING",
    "CREATE TABLE troth_batches (id int)",
    "CREATE TABLE troth_people_batches (id int)",
    "CREATE SEQUENCE numbers",
    "CREATE VIEW grown_ups AS SELECT name FROM `Customer Accounts`",
    "CREATE TRIGGER guard BEFORE DELETE ON calls FOR EACH ROW SET @gone = 1",
    "CREATE TRIGGER birth BEFORE INSERT ON calls FOR EACH ROW SET @come = 1",
)


@pytest.fixture
def database(maria: mariadb.Server, mariadb_url: str) -> str:
    """Make the tables of the script; return the database's name."""
    name = mariadb_url.rpartition("/")[2]
    maria.run(*SCRIPT, database=name)
    return name


@pytest.fixture
def catalog(maria: mariadb.Server, database: str) -> Catalog:
    """Read the database of the script."""
    return introspect.read(sql.connect(maria.url(database), readonly=True), "app")


def test_everything_a_planner_must_know(catalog: Catalog) -> None:
    """Kinds, keys, constraints and defaults of one awkward table are all found."""
    accounts = catalog.tables["Customer Accounts"]
    assert catalog.dialect == "mariadb"
    assert [column.kind.value for column in accounts.columns] == [
        *("integer", "text", "text", "enum", "integer", "integer", "text", "inet", "other", "json"),
        *("datetime-tz", "date", "datetime", "number", "boolean", "bytes", "uuid", "time", "integer", "text"),
        "datetime-tz",
    ]
    assert accounts.primary_key == ("Id",)
    assert (accounts.uniques, accounts.partial_uniques) == ((("name", "born"),), (("long_text",),))
    assert {(c.name, c.columns) for c in accounts.checks} == {("age", ("age",)), ("grown", ("age", "name"))}
    assert accounts.foreign_keys == (
        ForeignKey(
            columns=("boss",),
            target="Customer Accounts",
            target_columns=("Id",),
            on_delete="set null",
            name="Customer Accounts_ibfk_1",
        ),
    )
    assert accounts.column("eMail") == Column(
        name="eMail", kind=ColumnKind.TEXT, declared="varchar(80)", nullable=False, length=80
    )
    assert accounts.column("feeling") == Column(
        name="feeling", kind=ColumnKind.ENUM, declared="enum('gl''ad','s,ad')", choices=("gl'ad", "s,ad")
    )
    assert [c.name for c in accounts.columns if c.generated] == ["shout"]
    assert [c.name for c in accounts.columns if c.has_default] == ["Id", "name", "changed"]


def test_what_a_type_does_not_say_stands_beside_it(catalog: Catalog) -> None:
    """A collation that is not the database's own and a clock of a column's own belong to the structure."""
    accounts = catalog.tables["Customer Accounts"]
    assert accounts.column("name").declared == "varchar(40) collate latin1_swedish_ci"  # type: ignore[union-attr]
    assert "on update current_timestamp" in accounts.column("changed").declared  # type: ignore[union-attr]


def test_kinds_of_tables(catalog: Catalog) -> None:
    """Views, partitions and engines without transactions are told apart; sequences and our own table left out."""
    assert {name: table.kind for name, table in catalog.tables.items()} == {
        "Customer Accounts": TableKind.TABLE,
        "calls": TableKind.TABLE,
        "notes": TableKind.TABLE,
        "events": TableKind.PARTITIONED,
        "old": TableKind.TABLE,
        "history": TableKind.TABLE,
        "grown_ups": TableKind.VIEW,
    }
    assert [name for name, table in catalog.tables.items() if not table.transactional] == ["old"]


def test_composite_keys_and_triggers(catalog: Catalog) -> None:
    """A key of two columns is read whole; only what fires on a change is listed, and history is named with it."""
    (key,) = catalog.tables["notes"].foreign_keys
    assert (key.columns, key.target, key.on_delete) == (("region", "number"), "calls", "restrict")
    assert catalog.tables["calls"].foreign_keys[0].on_delete == "cascade"
    assert catalog.tables["calls"].triggers == ("guard (delete)",)
    (history,) = catalog.tables["history"].triggers
    assert history.startswith("system versioning")
    assert {child for child, _ in catalog.referrers["calls"]} == {"notes"}


def test_tables_of_other_databases_that_refer_here(maria: mariadb.Server, database: str) -> None:
    """A key from another database could take rows along: it is seen, and stands outside."""
    other = maria.create_database()
    try:
        maria.run(
            f"CREATE TABLE fans (id int PRIMARY KEY, who int REFERENCES `{database}`.`Customer Accounts` (`Id`))",
            "CREATE TABLE unrelated (id int)",
            database=other,
        )
        engine = sql.connect(maria.url(database))
        catalog = introspect.read(engine, "app")
        assert catalog.tables[f"{other}.fans"].outside and f"{other}.unrelated" not in catalog.tables
        both = introspect.read(engine, "app", schemas=[database, other])
        assert not both.tables[f"{other}.fans"].outside and f"{other}.unrelated" in both.tables
        with pytest.raises(StoreError, match="expected the schema Nowhere"):
            introspect.read(engine, "app", schemas=["Nowhere"])
    finally:
        maria.drop_database(other)


def test_structure_ignores_data(maria: mariadb.Server, database: str, catalog: Catalog) -> None:
    """Rows, statistics and indexes do not move the fingerprint; a new column does."""
    engine = sql.connect(maria.url(database))
    maria.run("INSERT INTO events VALUES (1, '2020-01-01')", "ANALYZE TABLE events", database=database)
    maria.run("CREATE INDEX of_day ON events (at)", database=database)
    assert introspect.read(engine, "app").fingerprint == catalog.fingerprint
    maria.run("ALTER TABLE events ADD weight int", database=database)
    assert introspect.read(engine, "app").fingerprint != catalog.fingerprint


def test_500_tables_in_five_seconds(maria: mariadb.Server, mariadb_url: str) -> None:
    """A large schema is read in a fraction of what is allowed."""
    columns = ", ".join(f"c{n} text" for n in range(20))
    tables = [f"CREATE TABLE t0 (id int PRIMARY KEY, {columns})"]
    tables += [
        f"CREATE TABLE t{n} (id int PRIMARY KEY REFERENCES t{n - 1} (id), {columns})" for n in range(1, 500)
    ]
    maria.run("SET SESSION sql_log_bin = 0", *tables, database=mariadb_url.rpartition("/")[2])
    engine = sql.connect(mariadb_url)
    took = []
    for _ in range(3):
        started = time.perf_counter()
        assert len(introspect.read(engine, "app").tables) == 500
        took.append(time.perf_counter() - started)
        if took[-1] < 5:
            break
    assert min(took) < 5, "thrice: something else may have had the machine"


def test_layout_of_times_in_text(mariadb_url: str) -> None:
    """How times are spelled is found by looking."""
    engine = sql.connect(mariadb_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a text, b bigint)"))
        connection.execute(
            sa.text("INSERT INTO t VALUES ('2024-05-06T07:08:09Z', 1715000000000), (NULL, NULL)")
        )
    table = introspect.read(engine, "app").tables["t"]
    assert introspect.text_layout(engine, table, "a") == "datetime-T-Z"
    assert introspect.text_layout(engine, table, "b") == "epoch-ms"
