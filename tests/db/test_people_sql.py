"""People counted and erased in real databases: every kind of way, key and column, all or nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import mariadb
from troth.apply.people import PeopleBatch, Question
from troth.errors import Refused, StoreError
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.model import Blank, Prune, Replace
from troth.plan.predicates import (
    ALWAYS,
    Compare,
    Filled,
    Not,
    Predicate,
    Staged,
    both,
    either,
)
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
from troth.stores.sql.people import SqlPeople

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY, MAIL, HOME, PAIR = 0, 1, 2, 3
ENTRIES = (
    Entry(number=KEY, subject="customer", dataset="app.customers", columns=("id",)),
    Entry(
        number=MAIL,
        subject="customer",
        dataset="app.customers",
        columns=("email",),
        family=Family.EMAIL,
        kind="email",
    ),
    Entry(number=HOME, subject="customer", dataset="app.customers", columns=("address_id",)),
    Entry(number=PAIR, subject="member", dataset="app.members", columns=("club", "no")),
)
ADA = Person(
    number=1,
    values={KEY: ((1,),), MAIL: (("Ada@Example.org",),), HOME: ((11,),), PAIR: (("chess", 7),)},
    identities=(
        Identity(match="email", value="ada@example.org"),
        Identity(match="phone", value="+441632960001"),
    ),
    names=("Ada Lovelace",),
)
BOB = Person(
    number=2,
    values={KEY: ((2,),), MAIL: (("bob@example.org",),), HOME: ((12,),)},
    identities=(Identity(match="email", value="bob@example.org"),),
    names=("Bob Ross",),
)
SCHEMA = """
CREATE TABLE addresses (id integer PRIMARY KEY, street text);
CREATE TABLE customers (id integer PRIMARY KEY, email varchar(60) UNIQUE, name text NOT NULL,
  address_id integer REFERENCES addresses (id), parent_id integer REFERENCES customers (id));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), gift text,
  code varchar(5) NOT NULL);
CREATE TABLE items (order_id integer NOT NULL REFERENCES orders (id), line integer NOT NULL, engraving text,
  PRIMARY KEY (order_id, line));
CREATE TABLE news (email text, ip text);
CREATE TABLE members (club varchar(20) NOT NULL, no integer NOT NULL, nick text, PRIMARY KEY (club, no));
CREATE TABLE visits (id integer PRIMARY KEY, club text, member integer, note text);
CREATE TABLE messages (id integer PRIMARY KEY, sender integer, recipient integer, body text, short varchar(60));
CREATE TABLE legacy (id integer PRIMARY KEY, customer text, name text)
"""
ROWS = """
INSERT INTO addresses VALUES (11, 'Home of Ada'), (12, 'Home of Bob'), (13, 'Home of Eve');
INSERT INTO customers VALUES (3, 'eve@example.org', 'Eve', 13, NULL), (1, 'Ada@Example.org', 'Ada Lovelace', 11, 3),
  (2, 'bob@example.org', 'Bob Ross', 12, NULL);
INSERT INTO orders VALUES (21, 1, 'for Ada', 'a'), (22, 1, NULL, 'b'), (23, 2, 'for Bob', 'c'),
  (24, 3, 'for Eve', 'd');
INSERT INTO items VALUES (21, 1, 'A'), (21, 2, 'AA'), (22, 1, NULL), (23, 1, 'B'), (24, 1, 'E');
INSERT INTO news VALUES (' ADA@example.org', '192.0.2.1'), ('bob@example.org', '192.0.2.2'),
  ('eve@example.org', NULL), (NULL, '192.0.2.3'), ('ada@example.org', NULL);
INSERT INTO members VALUES ('chess', 7, 'ada'), ('chess', 8, 'eve'), ('go', 7, 'bob');
INSERT INTO visits VALUES (31, 'chess', 7, 'x'), (32, 'chess', 8, 'y'), (33, 'go', 7, 'z'), (34, 'chess', NULL, 'w');
INSERT INTO messages VALUES (41, 1, 3, 'Hi Eve, Ada  Lovelace here: ADA@example.org or +44 1632 960001.',
  'ada@example.org!'),
  (42, 3, 1, 'Dear ada lovelace, yours nada@example.org', NULL), (43, 3, 3, 'Ada Lovelace is nice', NULL),
  (44, 1, 2, 'Bob Ross and Ada Lovelace', NULL), (45, 2, 3, 'by Ada Lovelace and Bob Ross', NULL);
INSERT INTO legacy VALUES (51, '1', 'Ada'), (52, '2', 'Bob'), (53, 'n/a', 'Nobody'), (54, NULL, 'Nil')
"""


def way(entry: int, *columns: str, path: Any = (), role: str = "customer") -> Way:
    """Write a way in short."""
    return Way(role=role, subject="customer", path=path, end=Staged(entry=entry, columns=columns))


WAYS: Mapping[str, tuple[Way, ...]] = {
    "app.customers": (way(KEY, "id"),),
    "app.addresses": (way(HOME, "id"),),
    "app.orders": (way(KEY, "customer_id"),),
    "app.items": (way(KEY, "customer_id", path=(("app.orders", (("order_id", "id"),)),)),),
    "app.news": (way(MAIL, "email"),),
    "app.members": (way(PAIR, "club", "no"),),
    "app.visits": (way(PAIR, "club", "member"),),
    "app.messages": (way(KEY, "sender", role="sender"), way(KEY, "recipient", role="recipient")),
    "app.legacy": (way(KEY, "customer"),),
}


def mine(dataset: str) -> Predicate:
    """Say that a row is about one of the people."""
    return either(*(one.where for one in WAYS[dataset]))


def rows(dataset: str, *more: Predicate) -> EraseRows:
    """Write a step that removes rows."""
    return EraseRows(id="", dataset=dataset, where=both(mine(dataset), *more), promises=())


def fields(dataset: str, *changes: Any, where: Predicate = ALWAYS) -> EraseFields:
    """Write a step that changes fields."""
    return EraseFields(
        id="", dataset=dataset, why="erased", changes=changes, where=both(mine(dataset), where), promises=()
    )


@dataclass(frozen=True)
class World:
    """A store with everybody's rows in it."""

    engine: sa.Engine
    store: SqlPeople
    ways: Mapping[str, tuple[Way, ...]]

    def erase(
        self,
        *steps: ErasureStep,
        people: Sequence[Person] = (ADA,),
        plan: str = "p",
        number: int = 1,
        most: Any = None,
    ) -> Mapping[int, int]:
        """Erase some people; return the rows touched by each step."""
        batch = PeopleBatch(
            plan=plan,
            number=number,
            people=manifest(*people),
            steps=tuple(enumerate(steps, 1)),
            ways=self.ways,
            at_most=most or {},
        )
        return self.store.erase(batch).rows

    def all(self, table: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Read a table."""
        with self.engine.connect() as connection:
            query = f"SELECT * FROM {table} WHERE {where} ORDER BY 1, 2"
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def script(self, text: str) -> None:
        """Run statements."""
        if self.engine.dialect.name == "mariadb":
            text = text.replace("\\", "\\\\")
        with self.engine.begin() as connection:
            for statement in text.split(";\n"):
                connection.exec_driver_sql(statement.replace("%", "%%"))


def manifest(*people: Person) -> Manifest:
    """Make a manifest of some people."""
    return Manifest(entries=ENTRIES, people=people)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param != "sqlite":
        found: str = request.getfixturevalue("pg_url" if request.param == "postgresql" else "mariadb_url")
        return found
    (tmp_path / "app.db").touch()
    return f"sqlite:///{tmp_path / 'app.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., World]]:
    """Load a schema and rows, and open the store."""
    engines: list[sa.Engine] = []

    def open_(schema: str = SCHEMA, data: str = ROWS, ways: Mapping[str, tuple[Way, ...]] = WAYS) -> World:
        engine = opening.connect(url, store="app")
        engines.append(engine)
        world = World(engine=engine, ways=ways, store=None)  # type: ignore[arg-type]
        world.script(schema)
        if data:
            world.script(data)
        store = SqlPeople(engine, introspect.read(engine, "app"), lambda: NOW)
        assert store.prepare()
        return replace(world, store=store)

    yield open_
    for engine in engines:
        engine.dispose()


@pytest.fixture
def world(opened: Callable[..., World]) -> World:
    """Return a store with three people in it."""
    return opened()


COUNTS = {
    "app.customers": 1,
    "app.addresses": 1,
    "app.orders": 2,
    "app.items": 3,
    "app.news": 2,
    "app.members": 1,
    "app.visits": 1,
    "app.messages": 3,
    "app.legacy": 1,
}


def test_every_kind_of_way_counts_the_rows_of_one_person(world: World) -> None:
    """Key, key through another table, forward, e-mail however written, composite, roles, another type."""
    asked = [Question(dataset=name, where=mine(name)) for name in COUNTS]
    assert world.store.count(manifest(ADA), asked) == tuple(COUNTS.values())


def test_several_questions_of_one_dataset_are_each_answered(world: World) -> None:
    """A count of part of the rows, of none, and of all."""
    base = mine("app.messages")
    asked = [
        Question(dataset="app.messages", where=base),
        Question(dataset="app.messages", where=both(base, Filled(column="short"))),
        Question(dataset="app.messages", where=both(base, Not(of=WAYS["app.messages"][0].where))),
        Question(dataset="app.messages", where=both(base, Compare(column="id", operator=">", value=100))),
        Question(dataset="app.messages", where=Not(of=base)),
    ]
    assert world.store.count(manifest(ADA), asked) == (3, 1, 1, 0, 2)


def everything() -> tuple[ErasureStep, ...]:
    """Return steps that erase somebody everywhere."""
    return (
        rows("app.items"),
        rows("app.visits"),
        rows("app.news"),
        rows("app.legacy"),
        fields("app.messages", Scrub(column="body"), Scrub(column="short")),
        fields("app.messages", Blank(column="sender"), where=WAYS["app.messages"][0].where),
        fields("app.messages", Blank(column="recipient"), where=WAYS["app.messages"][1].where),
        rows("app.orders"),
        fields("app.customers", Blank(column="address_id")),
        rows("app.addresses"),
        rows("app.members"),
        rows("app.customers"),
    )


def test_one_person_goes_and_everybody_else_stays_as_they_were(world: World) -> None:
    """State without Ada, erased, equals a state in which she never was, but for shared texts."""
    assert world.erase(*everything()) == {
        1: 3, 2: 1, 3: 2, 4: 1, 5: 3, 6: 2, 7: 1, 8: 2, 9: 1, 10: 1, 11: 1, 12: 1,
    }  # fmt: skip
    assert [row[0] for row in world.all("customers")] == [2, 3]
    assert [row[0] for row in world.all("addresses")] == [12, 13]
    assert [row[0] for row in world.all("orders")] == [23, 24]
    assert world.all("items") == [(23, 1, "B"), (24, 1, "E")]
    assert world.all("visits", "club IS NOT NULL") == [
        (32, "chess", 8, "y"), (33, "go", 7, "z"), (34, "chess", None, "w"),
    ]  # fmt: skip
    assert sorted(str(row[0]) for row in world.all("news")) == ["None", "bob@example.org", "eve@example.org"]
    assert [(*row[:4], row[4] and row[4].replace("***", "[erased]")) for row in world.all("messages")] == [
        (41, None, 3, "Hi Eve, [erased] here: [erased] or [erased].", "[erased]!"),
        (42, 3, None, "Dear [erased], yours nada@example.org", None),
        (43, 3, 3, "Ada Lovelace is nice", None),
        (44, None, 2, "Bob Ross and [erased]", None),
        (45, 2, 3, "by Ada Lovelace and Bob Ross", None),
    ]


def test_the_second_time_nothing_is_touched(world: World) -> None:
    """Done again, every step finds nothing to do."""
    world.erase(*everything())
    before = {name: world.all(name) for name in ("messages", "customers", "news")}
    assert set(world.erase(*everything(), plan="again").values()) == {0}
    assert before == {name: world.all(name) for name in before}


def test_two_people_at_once_end_as_two_after_one_another(world: World) -> None:
    """Each row loses what is of the people whose row it is."""
    world.erase(*everything(), people=(ADA, BOB))
    assert [row[3] for row in world.all("messages")] == [
        "Hi Eve, [erased] here: [erased] or [erased].",
        "Dear [erased], yours nada@example.org",
        "Ada Lovelace is nice",
        "[erased] and [erased]",
        "by Ada Lovelace and [erased]",
    ]


def test_marks_say_what_was_done(world: World) -> None:
    """The batch is remembered in the store with its counts."""
    world.erase(rows("app.items"), rows("app.visits"), plan="p1", number=3)
    assert [(d.number, dict(d.rows), d.at) for d in world.store.batches("p1")] == [(3, {1: 3, 2: 1}, NOW)]
    assert world.store.batches("p2") == ()


def test_a_step_that_is_not_about_the_people_is_undone(world: World) -> None:
    """Rows that were not set down belong to others: nothing of the batch stays, no mark either."""
    before = world.all("news")
    wrong = EraseRows(id="", dataset="app.orders", where=Filled(column="gift"), promises=())
    with pytest.raises(Refused, match="not of the people"):
        world.erase(rows("app.news"), rows("app.items"), replace(wrong, dataset="app.visits", where=ALWAYS))
    assert world.all("news") == before
    assert world.store.batches("p") == ()


def test_more_rows_than_allowed_are_undone(world: World) -> None:
    """The bound of a step holds."""
    before = world.all("news")
    with pytest.raises(Refused, match="at most 1"):
        world.erase(rows("app.news"), most={1: 1})
    assert world.all("news") == before


def test_a_reference_that_stands_in_the_way_undoes_everything(world: World) -> None:
    """The message names the constraint and no value."""
    before = world.all("items")
    with pytest.raises(StoreError) as error:
        world.erase(rows("app.items"), rows("app.customers"))
    assert "ada" not in str(error.value).lower()
    assert world.all("items") == before


def test_placeholders_and_documents_leave_the_row_valid(opened: Callable[..., World]) -> None:
    """NOT NULL gets a text, UNIQUE one of its own, documents lose a path."""
    world = opened(
        "CREATE TABLE customers (id integer PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, name text NOT NULL, "
        "doc JSON)",
        """INSERT INTO customers VALUES (1, 'ada@example.org', 'Ada', '{"a": {"b": 1, "c": 2}}'),
        (2, 'bob@example.org', 'Bob', '{"a": {"b": 1}}')""",
        {"app.customers": WAYS["app.customers"]},
    )
    step = fields(
        "app.customers",
        Replace(column="email", text="erased", unique=True),
        Replace(column="name", text=""),
        Prune(column="doc", path=("a", "b")),
    )
    assert world.erase(step) == {1: 1}
    (ada, bob) = world.all("customers")
    assert ada[:3] == (1, "erased-1", "")
    assert str(ada[3]).replace("'", '"').replace(" ", "") == '{"a":{"c":2}}'
    assert bob[1] == "bob@example.org"
    assert world.erase(step, plan="q") == {1: 0}


def test_a_row_stays_known_after_what_it_was_found_by_is_gone(world: World, url: str) -> None:
    """Two steps on rows without a key of their own: the second finds them though the first emptied their e-mail.

    MariaDB has nothing to tell such rows apart by, and says so.
    """
    steps = (
        fields("app.news", Blank(column="email")),
        fields("app.news", Blank(column="ip")),
        rows("app.news"),
    )
    if url.startswith("mariadb"):
        with pytest.raises(Refused, match="has no key"):
            world.erase(*steps)
        assert world.erase(steps[1], steps[2]) == {1: 1, 2: 2}
    else:
        assert world.erase(*steps) == {1: 2, 2: 1, 3: 2}
    assert len(world.all("news")) == 3


def test_a_reference_to_oneself_is_cut_before_the_row_goes(world: World) -> None:
    """Ada's parent is Eve: Eve's row can go only when Ada's no longer points at it."""
    eve = replace(BOB, number=3, values={KEY: ((3,),)}, identities=(), names=())
    both_ = {
        "app.customers": WAYS["app.customers"],
        "app.orders": WAYS["app.orders"],
        "app.items": WAYS["app.items"],
    }
    freed = replace(world, ways=both_)
    steps = (
        rows("app.items"),
        rows("app.orders"),
        fields("app.customers", Blank(column="parent_id")),
        rows("app.customers"),
    )
    assert freed.erase(*steps, people=(ADA, eve)) == {1: 4, 2: 3, 3: 1, 4: 2}


def test_a_text_identity_is_compared_with_a_number(opened: Callable[..., World]) -> None:
    """A key of another store is text; what is no number is left out instead of refused."""
    world = opened(
        "CREATE TABLE tags (id integer PRIMARY KEY, customer integer, ref text)",
        "INSERT INTO tags VALUES (1, 1, 'x'), (2, 2, 'Y'), (3, NULL, NULL)",
        {"app.tags": (way(KEY, "customer"), way(KEY, "ref"))},
    )
    odd = replace(ADA, values={KEY: (("1",), ("x",), ("a\0b",), (" 2 3",), ("9" * 40,))})
    where = either(*(one.where for one in world.ways["app.tags"]))
    assert world.store.count(manifest(odd), [Question(dataset="app.tags", where=where)]) == (1,)
    step = EraseRows(id="", dataset="app.tags", where=where, promises=())
    assert world.erase(step, people=(odd,)) == {1: 1}
    assert [row[0] for row in world.all("tags")] == [2, 3]


def test_documents_stay_documents_when_they_are_scrubbed(opened: Callable[..., World]) -> None:
    """Strings lose the person, numbers and the rest stay."""
    world = opened(
        "CREATE TABLE notes (id integer PRIMARY KEY, customer integer, doc JSON)",
        """INSERT INTO notes VALUES
        (1, 1, '{"to": "ADA@example.org", "n": 441632960001, "l": ["x \\"Ada Lovelace\\" y"]}'),
        (2, 1, '[1, "nada@example.org"]'), (3, 2, '"ada@example.org"'), (4, 1, NULL)""",
        {"app.notes": (way(KEY, "customer"),)},
    )
    step = EraseFields(
        id="", dataset="app.notes", why="scrub", changes=(Scrub(column="doc"),), promises=(),
        where=world.ways["app.notes"][0].where,
    )  # fmt: skip
    assert world.erase(step) == {1: 1}
    found = {
        row[0]: json.loads(row[2]) if isinstance(row[2], str) else row[2]
        for row in world.all("notes", "id < 3")
    }
    assert found[1] == {"to": "[erased]", "n": 441632960001, "l": ['x "[erased]" y']}
    assert found[2] == [1, "nada@example.org"]
    assert world.erase(step, plan="q") == {1: 0}


def test_lists_lose_what_is_an_identity(opened: Callable[..., World], url: str) -> None:
    """An element that is the person goes, one that names the person is scrubbed, order and others stay."""
    if not url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has lists")
    world = opened(
        "CREATE TABLE mails (id integer PRIMARY KEY, customer integer, addressed text[], ids integer[], "
        "at varchar(20)[])",
        "INSERT INTO mails VALUES (1, 1, ARRAY['b@x.org', 'ADA@example.org ', NULL, 'cc: ada@example.org'], '{1,2}', "
        "'{ada@example.org}'), (2, 1, NULL, NULL, '{}'), (3, 2, ARRAY['ada@example.org'], NULL, NULL)",
        {"app.mails": (way(KEY, "customer"),)},
    )
    step = EraseFields(
        id="", dataset="app.mails", why="scrub", promises=(), where=world.ways["app.mails"][0].where,
        changes=(Scrub(column="addressed"), Scrub(column="ids"), Scrub(column="at")),
    )  # fmt: skip
    assert world.erase(step) == {1: 1}
    assert world.all("mails") == [
        (1, 1, ["b@x.org", None, "cc: ***"], [1, 2], []),
        (2, 1, None, None, []),
        (3, 2, ["ada@example.org"], None, None),
    ]


def test_rows_in_lists_are_found_by_their_elements(opened: Callable[..., World], url: str) -> None:
    """A way may end in a list of addresses, or of numbers."""
    if not url.startswith("postgresql"):
        pytest.skip("only PostgreSQL has lists")
    world = opened(
        "CREATE TABLE mails (id integer PRIMARY KEY, addressed text[], members bigint[])",
        "INSERT INTO mails VALUES (1, ARRAY['x', ' ADA@example.org'], NULL), (2, NULL, '{5,1}'), (3, '{y}', '{2}')",
        {"app.mails": (way(MAIL, "addressed"), way(KEY, "members"))},
    )
    where = either(*(one.where for one in world.ways["app.mails"]))
    scrub = EraseFields(
        id="",
        dataset="app.mails",
        why="scrub",
        changes=(Scrub(column="addressed"),),
        where=where,
        promises=(),
    )
    assert world.erase(scrub, EraseRows(id="", dataset="app.mails", where=where, promises=())) == {1: 1, 2: 2}
    assert [row[0] for row in world.all("mails")] == [3]


def test_partitions_and_tables_without_rowid(opened: Callable[..., World], url: str) -> None:
    """Rows are told apart whatever the engine numbers them by."""
    tail = "WITHOUT ROWID" if url.startswith("sqlite") else "PARTITION BY LIST (region)"
    if url.startswith("mariadb"):
        tail = "PARTITION BY LIST COLUMNS (region) (PARTITION a VALUES IN ('a'), PARTITION b VALUES IN ('b'))"
    key = "PRIMARY KEY (region, id)"
    parts = "" if not url.startswith("postgresql") else (
        ";\nCREATE TABLE logs_a PARTITION OF logs FOR VALUES IN ('a');\n"
        "CREATE TABLE logs_b PARTITION OF logs FOR VALUES IN ('b')"
    )  # fmt: skip
    world = opened(
        f"CREATE TABLE logs (region varchar(3) NOT NULL, id integer NOT NULL, customer integer, mail text, "
        f"{key}) {tail}{parts}",
        "INSERT INTO logs VALUES ('a', 1, 1, NULL), ('b', 1, NULL, 'ada@example.org'), ('a', 2, 2, NULL), "
        "('b', 2, 1, 'ada@example.org'), ('b', 3, NULL, 'c@x.org')",
        {"app.logs": (way(KEY, "customer"), way(MAIL, "mail"))},
    )
    mine_ = either(*(one.where for one in world.ways["app.logs"]))
    asked = [
        Question(dataset="app.logs", where=mine_),
        Question(dataset="app.logs", where=both(mine_, Filled(column="customer"))),
    ]
    assert world.store.count(manifest(ADA), asked) == (3, 2)
    step = EraseRows(id="", dataset="app.logs", where=mine_, promises=())
    assert world.erase(replace(step, where=both(mine_, Filled(column="customer"))), step) == {1: 2, 2: 1}
    assert [row[:2] for row in world.all("logs")] == [("a", 2), ("b", 3)]


def test_a_trigger_that_says_no_undoes_everything(world: World, url: str) -> None:
    """Its words may carry values: only that one spoke is passed on."""
    if url.startswith("sqlite"):
        world.script(
            "CREATE TRIGGER no BEFORE DELETE ON members BEGIN SELECT RAISE(ABORT, 'not ada@example.org'); END"
        )
    elif url.startswith("mariadb"):
        world.script(
            "CREATE TRIGGER no BEFORE DELETE ON members FOR EACH ROW "
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not ada@example.org'"
        )
    else:
        world.script(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not %', OLD.nick; "
            "END $$;\n"
            "CREATE TRIGGER no BEFORE DELETE ON members FOR EACH ROW EXECUTE FUNCTION no()"
        )
    before = world.all("visits")
    with pytest.raises(StoreError) as error:
        world.erase(rows("app.visits"), rows("app.members"))
    assert "ada" not in str(error.value).lower()
    assert world.all("visits") == before
    assert world.store.batches("p") == ()


def test_no_statement_repeats_a_value(world: World, url: str) -> None:
    """What is looked for goes in past the text of statements; on PostgreSQL past their parameters too."""
    seen: list[str] = []

    def look(_connection: Any, _cursor: Any, text: str, given: Any, *_: Any) -> None:
        seen.append(f"{text} {given}" if url.startswith("postgresql") else text)

    sa.event.listen(world.engine, "before_cursor_execute", look)
    world.store.count(manifest(ADA), [Question(dataset=name, where=mine(name)) for name in COUNTS])
    world.erase(*everything())
    told = "\n".join(seen).lower()
    assert len(seen) > 20
    assert not [word for word in ("ada", "lovelace", "960001", "chess") if word in told]


def test_no_binary_log_says_who_was_meant(
    maria: mariadb.Server, mariadb_url: str, opened: Callable[..., World], request: pytest.FixtureRequest
) -> None:
    """In MariaDB's usual format rows that go are logged, and nothing that was staged of the people."""
    if "mariadb" not in request.node.name.partition("[")[2]:
        pytest.skip("only MariaDB logs statements")
    world = opened()
    with maria.admin() as admin, admin.cursor() as cursor:
        cursor.execute("FLUSH BINARY LOGS")
        cursor.execute("SHOW MASTER STATUS")
        log = cursor.fetchall()[0][0]
        world.store.count(manifest(ADA), [Question(dataset=name, where=mine(name)) for name in COUNTS])
        assert world.erase(*everything())
        cursor.execute(f"SHOW BINLOG EVENTS IN '{log}'")
        events = repr(cursor.fetchall())
    assert "DELETE FROM `items`" in events
    assert not [word for word in ("INSERT INTO troth_people_0", "ovelace", "da@") if word in events]


def test_the_number_of_statements_does_not_depend_on_people(world: World) -> None:
    """One person or three hundred: the same statements."""
    counts = []
    world.store.count(manifest(BOB), [Question(dataset="app.news", where=mine("app.news"))])
    for number, people in enumerate(((BOB,), tuple(replace(BOB, number=n) for n in range(1, 301)))):
        seen: list[str] = []

        def look(*given: Any, into: list[str] = seen) -> None:
            into.append(given[2])

        sa.event.listen(world.engine, "before_cursor_execute", look)
        world.erase(rows("app.items"), rows("app.news"), people=people, plan=f"p{number}")
        sa.event.remove(world.engine, "before_cursor_execute", look)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_second_erasure_waits_outside(world: World) -> None:
    """While one holds the store, another is refused."""
    with world.store.exclusive(), pytest.raises(Refused), world.store.exclusive():
        pass


def test_a_row_somebody_changes_meanwhile_is_looked_at_anew(world: World, url: str) -> None:
    """The batch waits, sees that the row has moved on, and is done anew on what is there now."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite lets one write at a time")
    with world.engine.connect() as other, ThreadPoolExecutor(1) as pool:
        other.exec_driver_sql("UPDATE news SET ip = '198.51.100.9' WHERE email = 'ada@example.org'")
        work = pool.submit(world.erase, fields("app.news", Blank(column="ip"), Blank(column="email")))
        time.sleep(0.5)
        other.commit()
        assert work.result(timeout=20) == {1: 2}
    assert [row for row in world.all("news") if row[0] and "ada" in row[0].lower()] == []


KILLED = """
import os, signal, sys
import sqlalchemy as sa
sys.path.insert(0, sys.argv[2])
from db import test_people_sql as t
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
engine = opening.connect(sys.argv[1], store="app")
store = t.SqlPeople(engine, introspect.read(engine, "app"), lambda: t.NOW)
left = [int(sys.argv[3])]
def tick(*_):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sa.event.listen(engine, "before_cursor_execute", tick)
t.World(engine=engine, ways=t.WAYS, store=store).erase(*t.everything())
"""


@pytest.mark.parametrize("after", [6, 12, 20, 26])
def test_killed_anywhere_it_is_done_wholly_or_not_at_all(
    opened: Callable[..., World], url: str, after: int
) -> None:
    """Kill -9 before some statement; run again; the end is the same."""
    world = opened()
    tables = ("items", "news", "messages", "customers", "members")
    before = [world.all(name) for name in tables]
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", KILLED, url, tests, str(after)]
    ended = subprocess.run(command, check=False, capture_output=True, timeout=240)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert [world.all(name) for name in tables] == before
    assert world.store.batches("p") == ()
    assert world.erase(*everything())[12] == 1
