"""People found and erased in columns and tables of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from db.people_shop import ADA, KEY, MAIL, World, _opened, _url, _world, manifest, way  # noqa: F401 fixtures
from troth.apply.people import Question
from troth.plan.predicates import (
    Filled,
    both,
    either,
)
from troth.rights.model import EraseFields, EraseRows, Scrub


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
