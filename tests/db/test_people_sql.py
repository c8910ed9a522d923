"""People counted and erased in real databases: every kind of way, all or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import mariadb
from db.people_shop import (  # noqa: F401 fixtures
    ADA,
    BOB,
    COUNTS,
    KEY,
    NOW,
    WAYS,
    World,
    _opened,
    _url,
    _world,
    everything,
    fields,
    manifest,
    mine,
    rows,
)
from troth.apply.people import Question
from troth.errors import Refused, StoreError
from troth.plan.model import Blank, Prune, Replace
from troth.plan.predicates import (
    ALWAYS,
    Compare,
    Filled,
    Not,
    both,
)
from troth.rights.model import EraseRows


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
    begun = maria.new_log()
    world.store.count(manifest(ADA), [Question(dataset=name, where=mine(name)) for name in COUNTS])
    assert world.erase(*everything())
    events = maria.logged(mariadb_url.rpartition("/")[2], since=begun)
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
        assert work.result(timeout=180) == {1: 2}
    assert [row for row in world.all("news") if row[0] and "ada" in row[0].lower()] == []


KILLED = """
import os, signal, sys
import sqlalchemy as sa
sys.path.insert(0, sys.argv[2])
from db import people_shop as t
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


@pytest.mark.parametrize("after", [4, 8, 12, 15])
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
