"""The recheck's scan of SQL stores: canaries in every nook, coverage, and what it cannot look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import canaries, servers
from troth.apply.people import Kept, Scanned
from troth.people import tokens
from troth.people.entries import Way
from troth.plan.predicates import Compare, Predicate, both
from troth.stores.sql import introspect, purge, scan, scan_postgresql
from troth.stores.sql import open as opening
from troth.stores.sql.trouble import Trouble

Make = Callable[[str], sa.Engine]
(WAY,) = canaries.ways(invoices="customer_id")["app.invoices"]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make a store of each kind by a script."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('scan') / 'app.db'}"
    else:
        url = request.getfixturevalue("pg_url" if request.param == "postgresql" else "mariadb_url")

    def make(script: str) -> sa.Engine:
        engine = opening.connect(url, store="app", create=True)
        with engine.begin() as connection:
            for statement in filter(str.strip, script.split(";")):
                connection.exec_driver_sql(statement)
        return engine

    return make


def scanned(
    engine: sa.Engine,
    ways: Mapping[str, tuple[Way, ...]] | None = None,
    kept: Mapping[str, tuple[Kept, ...]] | None = None,
) -> Scanned:
    """Scan a store for the person of the canaries."""
    catalog = introspect.read(engine, "app")
    return scan.scan(engine, catalog, canaries.wanted(), ways or {}, kept or {}, lambda _: None)


def found(result: Scanned) -> set[tuple[str, str, str, str, int]]:
    """Write residues shortly."""
    return {(r.dataset, r.column, r.kind, r.how, r.rows) for r in result.residues}


def test_every_canary_is_found_and_nobody_else(made: Make) -> None:
    """Whatever the spelling, and in a table no data map knows: found by place, kind and how."""
    nooks = list(canaries.NOOKS.values())
    columns = ", ".join(f"c{n} text" for n in range(len(nooks)))
    engine = made(f"CREATE TABLE undeclared ({columns}); CREATE TABLE plain (a text)")
    with engine.begin() as connection:
        table = sa.table("undeclared", *(sa.column(f"c{n}") for n in range(len(nooks))))
        connection.execute(sa.insert(table).values({f"c{n}": nook[0] for n, nook in enumerate(nooks)}))
    result = scanned(engine)
    assert found(result) == {
        ("app.undeclared", f"c{n}", kind, how, 1) for n, (_, kind, how) in enumerate(nooks) if kind
    }


@pytest.mark.parametrize("nook", list(canaries.NOOKS))
def test_a_canary_alone_in_its_table_is_found(made: Make, nook: str) -> None:
    """No other text of the row has to draw the eye to it."""
    text, kind, how = canaries.NOOKS[nook]
    engine = made("CREATE TABLE lone (a text)")
    with engine.begin() as connection:
        connection.execute(sa.insert(sa.table("lone", sa.column("a"))).values(a=text))
    assert found(scanned(engine)) == ({("app.lone", "a", kind, how, 1)} if kind else set())


def test_rows_and_bytes_are_counted(made: Make) -> None:
    """Coverage names every table with its rows, bytes of text and columns."""
    engine = made("CREATE TABLE a (x text, y text); INSERT INTO a VALUES ('abc', NULL), ('de', 'f')")
    (one,) = scanned(engine).coverage
    assert (one.dataset, one.rows, one.columns) == ("app.a", 2, 2)
    assert 6 <= one.bytes <= 10


def test_several_rows_of_one_place_are_one_residue(made: Make) -> None:
    """A residue counts rows, not finds; a row with the same value twice counts once."""
    email = canaries.NORMAL
    engine = made(f"CREATE TABLE a (x text); INSERT INTO a VALUES ('{email} {email}'), ('{email}'), ('b')")
    assert found(scanned(engine)) == {("app.a", "x", "email", "exact", 2)}


def stays(result: Scanned) -> set[tuple[str, str, str, str, int, int]]:
    """Write what stays shortly, with the rule."""
    return {(s.dataset, s.column, s.kind, s.how, s.rows, s.rule) for s in result.stayed}


def rule(where: Predicate, *columns: str, number: int = 7, people: frozenset[int] | None = None) -> Kept:
    """Let columns stay in some rows."""
    return Kept(rule=number, columns=frozenset(columns), where=where, people=people)


INVOICES = (
    "CREATE TABLE invoices (id integer PRIMARY KEY, customer_id integer, state varchar(9), mail text, note text);"
    "INSERT INTO invoices VALUES (1, {key}, 'due', '{email}', '{email} {name}'), (2, {key}, 'over', '{email}', NULL),"
    " (3, 2, 'due', '{email}', '{name}'), (4, NULL, 'due', 'bea@example.org', '{email}'),"
    " (5, {key}, 'due', NULL, NULL)"
)


def test_what_stays_is_told_apart_by_row_column_and_person(made: Make) -> None:
    """What a duty keeps of the person stays; elsewhere, in rows of others and in other rows, nothing does."""
    engine = made(INVOICES.format(key=canaries.KEY, email=canaries.NORMAL, name=canaries.NAME))
    due = both(WAY.end, Compare(column="state", operator="=", value="due"))
    result = scanned(engine, {"app.invoices": (WAY,)}, {"app.invoices": (rule(due, "mail"),)})
    assert stays(result) == {("app.invoices", "mail", "email", "exact", 1, 7)}
    assert found(result) == {
        ("app.invoices", "mail", "email", "exact", 2),
        ("app.invoices", "note", "email", "exact", 2),
        ("app.invoices", "note", "name", "name", 1),
    }
    assert [(c.rows, c.columns) for c in result.coverage] == [(5, 3 + (engine.dialect.name == "sqlite"))]


def test_names_stay_in_rows_that_stay(made: Make) -> None:
    """A row that a hold keeps whole keeps the name in it too; the first rule that says so is named."""
    engine = made(INVOICES.format(key=canaries.KEY, email=canaries.NORMAL, name=canaries.NAME))
    rules = (rule(WAY.end, "mail", "note", number=3), rule(WAY.end, "note", number=1))
    result = scanned(engine, {"app.invoices": (WAY,)}, {"app.invoices": rules})
    assert stays(result) == {
        ("app.invoices", "mail", "email", "exact", 2, 3),
        ("app.invoices", "note", "email", "exact", 1, 1),
        ("app.invoices", "note", "name", "name", 1, 1),
    }


def test_what_stays_for_others_does_not_for_the_person(made: Make) -> None:
    """A hold on somebody else keeps that person's rows only."""
    engine = made(INVOICES.format(key=canaries.KEY, email=canaries.NORMAL, name=canaries.NAME))
    rules = (rule(WAY.end, "mail", "note", people=frozenset({2})),)
    result = scanned(engine, {"app.invoices": (WAY,)}, {"app.invoices": rules})
    assert stays(result) == set()
    assert ("app.invoices", "mail", "email", "exact", 3) in found(result)


def test_statements_do_not_grow_with_what_stays(made: Make) -> None:
    """One statement more for each way of a dataset, however many rows wait for an answer."""
    engine = made(INVOICES.format(key=canaries.KEY, email=canaries.NORMAL, name=canaries.NAME))
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    scanned(engine)  # the first connection asks what the server is
    for rows in (0, 300):
        with engine.begin() as connection:
            for number in range(rows):
                connection.exec_driver_sql(
                    f"INSERT INTO invoices VALUES ({number + 10}, {canaries.KEY}, 'due', '{canaries.NORMAL}', NULL)"
                )
        asked.clear()
        result = scanned(engine, {"app.invoices": (WAY,)}, {"app.invoices": (rule(WAY.end, "mail"),)})
        counts.append((len(asked), sum(s.rows for s in result.stayed)))
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] == counts[0][1] + 300


def test_statistics_show_what_stays_in_rows_and_nothing_else(pg_url: str) -> None:
    """A value that stays in a row may stay in statistics of its column; in another column it may not."""
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (customer_id integer, mail text, other text)")
        for _ in range(3):
            row = f"({canaries.KEY}, '{canaries.NORMAL}', '{canaries.NORMAL}')"
            connection.exec_driver_sql(f"INSERT INTO invoices VALUES {row}")
        connection.exec_driver_sql("ANALYZE invoices")
    result = scanned(engine, {"app.invoices": (WAY,)}, {"app.invoices": (rule(WAY.end, "mail"),)})
    assert {column for _, column, *_ in found(result)} == {"other", "other (statistics)"}
    assert {column for _, column, *_ in stays(result)} == {"mail"}


def test_names_and_keys_are_looked_for_only_in_rows_of_the_person(made: Make) -> None:
    """A namesake's row, and a number in somebody else's, raise no alarm."""
    engine = made(
        "CREATE TABLE customers (id integer PRIMARY KEY, email text);"
        "CREATE TABLE notes (id integer PRIMARY KEY, customer_id integer, body text);"
        f"INSERT INTO customers VALUES ({canaries.KEY}, NULL), (2, NULL);"
        f"INSERT INTO notes VALUES (1, {canaries.KEY}, 'Dear ada  king LOVELACE, customer {canaries.KEY}'),"
        f"(2, 2, '{canaries.NAME} {canaries.KEY}'), (3, {canaries.KEY}, 'nothing')"
    )
    result = scanned(engine, canaries.ways(customers="id", notes="customer_id"))
    assert found(result) == {
        ("app.notes", "body", "name", "name", 1),
        ("app.notes", "body", "id", "exact", 1),
    }


def test_views_are_named_as_not_looked_at(made: Make) -> None:
    """A view shows rows of other tables: it is named, with the reason, and nothing is counted twice."""
    engine = made(
        f"CREATE TABLE a (x text); INSERT INTO a VALUES ('{canaries.NORMAL}'); CREATE VIEW v AS SELECT x FROM a"
    )
    result = scanned(engine)
    assert found(result) == {("app.a", "x", "email", "exact", 1)}
    assert [what for what, _ in result.unlooked if what == "app.v"] == ["app.v"]


def test_names_with_every_character_are_scanned(made: Make) -> None:
    """Tables and columns may have any name."""
    engine = made("SELECT 1")
    names = ['a:b%c "d', "we:ird %s col"]
    quoted = [engine.dialect.identifier_preparer.quote_identifier(name) for name in names]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {quoted[0]} ({quoted[1]} text)")
        table = sa.table(sa.sql.quoted_name(names[0], quote=True), sa.column(names[1]))
        connection.execute(sa.insert(table).values({names[1]: canaries.NORMAL}))
    assert {(r.dataset, r.column) for r in scanned(engine).residues} == {(f"app.{names[0]}", names[1])}


def test_nothing_shows_a_value(made: Make) -> None:
    """Residues are told by place."""
    engine = made(f"CREATE TABLE a (x text); INSERT INTO a VALUES ('{canaries.NORMAL}')")
    assert canaries.NORMAL not in repr(scanned(engine)).lower()


def test_an_empty_store_is_scanned(made: Make) -> None:
    """No table, no residue, no trouble."""
    result = scanned(made("SELECT 1"))
    assert (result.residues, result.coverage) == ((), ())


def test_values_in_statistics_are_found(pg_url: str) -> None:
    """A value whose row is gone stays readable in pg_stats until statistics are taken again: that is a residue."""
    engine = opening.connect(pg_url, store="app")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE TABLE people (email text) WITH (autovacuum_enabled = off)")
        fill = "INSERT INTO people SELECT 'p' || g / 10 || '@example.net' FROM generate_series(1, 50) g"
        connection.exec_driver_sql(fill)
        connection.exec_driver_sql(f"INSERT INTO people VALUES ('{canaries.NORMAL}'), ('{canaries.NORMAL}')")
        connection.exec_driver_sql("ANALYZE people")
        connection.exec_driver_sql(f"DELETE FROM people WHERE email = '{canaries.NORMAL}'")
    assert found(scanned(engine)) == {("app.people", "email (statistics)", "email", "exact", 1)}
    catalog = introspect.read(engine, "app")
    purge.run(engine, catalog, ["app.people"])
    assert found(scanned(engine)) == set()


def test_typed_columns_are_looked_at(pg_url: str) -> None:
    """Addresses, lists, documents, binary values, long numbers and words of a search index on PostgreSQL."""
    engine = opening.connect(pg_url, store="app")
    email, digest = canaries.NORMAL, canaries.hashed("md5")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE typed (a inet, b text[], c jsonb, d json, e bytea, f bytea, g bigint, h tsvector, "
            "i varchar(60), j inet, k cidr, l uuid, m boolean, n date, o numeric)"
        )
        connection.exec_driver_sql(
            "INSERT INTO typed VALUES ('192.0.2.17/24', ARRAY['x', %(email)s], to_jsonb(%(email)s::text), "
            "to_json(%(email)s::text), convert_to(%(email)s, 'UTF8'), decode(%(digest)s, 'hex'), 442079460958, "
            "to_tsvector('simple', %(email)s), %(email)s, '2001:db8::7', '192.0.2.17', NULL, true, now(), "
            "442079460958)",
            {"email": email, "digest": digest},
        )
    assert {(r.column, r.how) for r in scanned(engine).residues} == {
        ("a", "exact"),
        *((column, "exact") for column in "bcdehi"),
        ("f", "hashed"),
        ("g", "normalised"),
        ("j", "exact"),
        ("k", "exact"),
        ("o", "normalised"),
    }


def test_other_schemas_views_with_rows_and_foreign_tables_are_told_apart(pg_url: str) -> None:
    """A materialized view holds rows and is read; schemas left out and what the role may not read are named."""
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE a (x text); CREATE MATERIALIZED VIEW m AS SELECT 'ada.king@example.org'::text AS x;"
            "CREATE SCHEMA other; CREATE TABLE other.t (x text); SELECT lo_create(0);"
            "CREATE TABLE blobs (x bytea)"
        )
    catalog = introspect.read(engine, "app", schemas=["public"])
    result = scan.scan(engine, catalog, canaries.wanted(), {}, {}, lambda _: None)
    assert found(result) == {("app.m", "x", "email", "exact", 1)}
    assert {what for what, _ in result.unlooked} == {"app.other", "app", "app.blobs"}


def test_what_the_role_may_not_read_is_named(pg_url: str, postgres: servers.Server) -> None:
    """Tables without the right to read them whole are named, and the rest is looked at."""
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE secret (x text); CREATE TABLE half (x text, y text);"
            f"CREATE TABLE open (x text); INSERT INTO open VALUES ('{canaries.NORMAL}');"
            "CREATE ROLE looks LOGIN PASSWORD 'looks'; GRANT SELECT ON open TO looks;"
            "GRANT SELECT (x) ON half TO looks"
        )
    catalog = introspect.read(engine, "app")
    database = pg_url.rpartition("/")[2]
    own = opening.connect(postgres.url(database, user="looks", password="looks"), store="app")
    try:
        result = scan.scan(own, catalog, canaries.wanted(), {}, {}, lambda _: None)
        assert found(result) == {("app.open", "x", "email", "exact", 1)}
        assert {what for what, _ in result.unlooked} == {"app.secret", "app.half"}
    finally:
        own.dispose()
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY looks; DROP ROLE looks")


def test_partitions_are_read_once(pg_url: str) -> None:
    """Rows of partitions are looked at through their table, and counted once."""
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE p (k int, x text) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
            f"CREATE TABLE p2 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1, '{canaries.NORMAL}'), (2, 'b')"
        )
    result = scanned(engine)
    assert found(result) == {("app.p", "x", "email", "exact", 1)}
    assert [(c.dataset, c.rows) for c in result.coverage] == [("app.p", 2)]


def test_an_old_encoding_is_scanned(postgres: servers.Server) -> None:
    """A LATIN1 database takes no pattern with letters of other scripts, and none is sent there."""
    with postgres.admin() as admin:
        admin.execute("CREATE DATABASE old ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        engine = opening.connect(postgres.url("old"), store="app")
        with engine.begin() as connection:
            connection.exec_driver_sql(
                f"CREATE TABLE a (x text); INSERT INTO a VALUES ('{canaries.EMAIL} \u00fc 020 7946 0958')"
            )
        assert {r.kind for r in scanned(engine).residues} == {"email", "phone"}
        engine.dispose()
    finally:
        postgres.drop_database("old")


def test_a_word_index_of_sqlite_is_looked_at(tmp_path: Path) -> None:
    """Rows that a virtual table keeps are found; its segments of words are named as not looked at."""
    engine = opening.connect(f"sqlite:///{tmp_path / 'app.db'}", store="app", create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE posts USING fts5(body)")
        connection.exec_driver_sql(f"INSERT INTO posts VALUES ('hello {canaries.NORMAL}')")
    result = scanned(engine)
    assert ("app.posts", "body", "email", "exact", 1) in found(result)
    assert "app.posts_data" in {what for what, _ in result.unlooked}


def test_sqlite_columns_hold_what_they_were_not_declared_for(tmp_path: Path) -> None:
    """Text in a number's column, text that is no UTF-8, and digests in binary are found."""
    engine = opening.connect(f"sqlite:///{tmp_path / 'app.db'}", store="app", create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC, d DATE, b BLOB, u TEXT)"
        )
        digest = bytes.fromhex(canaries.hashed("sha1"))
        connection.exec_driver_sql(
            "INSERT INTO t VALUES (1, ?, ?, ?, CAST(? AS TEXT))",
            (canaries.NORMAL, canaries.PHONE, digest, b"\xff\xfe " + canaries.NORMAL.encode()),
        )
    assert {(r.column, r.how) for r in scanned(engine).residues} == {
        ("n", "exact"),
        ("d", "normalised"),
        ("b", "hashed"),
        ("u", "exact"),
    }


def test_a_locked_table_is_named(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that somebody has locked keeps nobody from looking at the others."""
    monkeypatch.setattr(scan_postgresql, "LOCK_WAIT", "50ms")
    engine = opening.connect(pg_url, store="app")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE a (x text); CREATE TABLE b (x text); INSERT INTO b VALUES ('{canaries.NORMAL}')"
        )
    catalog = introspect.read(engine, "app")
    with engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE a")
        result = scan.scan(engine, catalog, canaries.wanted(), {}, {}, lambda _: None)
    assert {r.dataset for r in result.residues} == {"app.b"}
    assert result.unlooked == (("app.a", scan.REFUSED[Trouble.LOCKED]),)
    assert [one.dataset for one in result.coverage] == ["app.b"]


def test_a_table_that_went_is_named(made: Make) -> None:
    """A table dropped since the structure was read is named; nothing else is lost."""
    engine = made(
        f"CREATE TABLE a (x text); CREATE TABLE b (x text); INSERT INTO b VALUES ('{canaries.NORMAL}')"
    )
    catalog = introspect.read(engine, "app")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE a")
    result = scan.scan(engine, catalog, canaries.wanted(), {}, {}, lambda _: None)
    assert {r.dataset for r in result.residues} == {"app.b"}
    assert [what for what, _ in result.unlooked] == ["app.a"]


def test_short_binary_values_are_looked_at(made: Make) -> None:
    """Digests in binary, and text of the same length, are found on every engine."""
    engine = made("SELECT 1")
    kind = "bytea" if engine.dialect.name == "postgresql" else "blob"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (a {kind}, b {kind})")
        table = sa.table("t", sa.column("a", sa.LargeBinary), sa.column("b", sa.LargeBinary))
        digest = bytes.fromhex(canaries.hashed("md5"))
        connection.execute(sa.insert(table).values(a=digest, b=canaries.NORMAL.encode()))
    assert len(canaries.NORMAL) == 20
    assert {(r.column, r.how) for r in scanned(engine).residues} == {("a", "hashed"), ("b", "exact")}


def test_somebody_without_identities_is_looked_for_in_own_rows(made: Make) -> None:
    """Where only a key is known, tables are counted, and rows that lead to the person are read."""
    engine = made(
        "CREATE TABLE customers (id integer PRIMARY KEY, note text);"
        f"INSERT INTO customers VALUES ({canaries.KEY}, '{canaries.NAME} {canaries.NORMAL}')"
    )
    whom = canaries.manifest()
    bare = replace(whom, people=(replace(whom.people[0], identities=()),))
    catalog = introspect.read(engine, "app")
    ways = canaries.ways(customers="id")
    result = scan.scan(engine, catalog, tokens.tokens(bare), ways, {}, lambda _: None)
    assert found(result) == {("app.customers", "note", "name", "name", 1)}
    assert [one.rows for one in result.coverage] == [1]
