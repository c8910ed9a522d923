"""The two users of MariaDB can do what they are for, and nothing else."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pymysql
import pytest

from db import mariadb
from troth.apply.ports import Job, Span
from troth.catalog.datamap import DataMap
from troth.errors import StoreError
from troth.plan.model import DeleteRows
from troth.plan.predicates import ALWAYS
from troth.stores.sql import grants, introspect
from troth.stores.sql import open as sql
from troth.stores.sql.store import SqlStore

SCRIPT = (
    "CREATE TABLE people (id int PRIMARY KEY, email text, name text, vip boolean, "
    "changed_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp())",
    "CREATE TABLE `Or``ders` (id int PRIMARY KEY, person int REFERENCES people (id), `Ship To` text, total int)",
    "CREATE TABLE `lines` (id int PRIMARY KEY, order_id int REFERENCES `Or``ders` (id), text text)",
    "CREATE TABLE visits (id int PRIMARY KEY, person int REFERENCES people (id) ON DELETE CASCADE)",
    "CREATE TABLE secrets (id int, visit int REFERENCES visits (id) ON DELETE CASCADE)",
    "INSERT INTO people VALUES (1, 'a@x.example', 'A', true, '2020-01-01')",
    "INSERT INTO visits VALUES (1, 1)",
)
MAP = {
    "subjects": {"person": {"dataset": "app.people", "key": "id"}},
    "datasets": {
        "app.people": {"fields": {"contact": ["email"], "identity": [{"name": "name", "on-expiry": "keep"}]}},
        "app.lines": {"subject": "person", "fields": {"communication": ["text"]}, "on-expiry": "keep-row"},
        "app.visits": {"subject": "person", "on-expiry": "delete-row"},
        "app.gone": {"fields": {"contact": ["email"]}},
    },
}


@pytest.fixture
def database(maria: mariadb.Server, mariadb_url: str) -> Iterator[str]:
    """Grant for the map above, twice; drop the users afterwards, as they belong to the whole server."""
    with (Path(tempfile.gettempdir()) / "troth-test-maria-users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers share the server, and with it the users
        name = mariadb_url.rpartition("/")[2]
        maria.run(*SCRIPT, database=name)
        for _ in range(2):
            granted(maria, name, MAP)
        for user in (grants.LOOK, grants.APPLY):
            maria.run(f"ALTER USER '{user}'@'%' IDENTIFIED BY 'pw' ACCOUNT UNLOCK")
        yield name
        maria.run(*(f"DROP USER '{user}'@'%'" for user in (grants.LOOK, grants.APPLY)))


def granted(maria: mariadb.Server, name: str, datamap: dict[str, object]) -> str:
    """Run the grants of a map, statement by statement, and return them."""
    catalog = introspect.read(sql.connect(maria.url(name)), "app")
    text = grants.grants(catalog, DataMap.model_validate(datamap), "mariadb")
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    maria.run(*(one for one in statements.split(";\n") if one.strip()), database=name)
    return text


def allowed(maria: mariadb.Server, database: str, user: str, statement: str) -> bool:
    """Tell whether a user may run a statement."""
    connection = pymysql.connect(
        host="127.0.0.1", port=maria.port, user=user, password="pw", database=database
    )
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except pymysql.MySQLError as error:
            assert error.args[0] in (1044, 1142, 1143), error
            return False
    return True


STATEMENTS = [
    ("SELECT * FROM people", True, True),
    ("SELECT * FROM `Or``ders`", True, True),
    ("SELECT * FROM secrets", True, True),  # its rows refer to visits, which may go
    ("UPDATE people SET email = NULL, changed_at = changed_at WHERE id = 1", False, True),
    ("UPDATE people SET name = NULL", False, False),
    ("UPDATE people SET vip = NULL", False, False),
    ("UPDATE `lines` SET text = NULL", False, True),
    ("DELETE FROM visits WHERE person = 1", False, True),
    ("DELETE FROM people", False, False),
    ("INSERT INTO visits VALUES (2, 1)", False, False),
    ("CREATE TEMPORARY TABLE w (id int)", True, True),
    ("CREATE TABLE w (id int)", False, False),
    ("INSERT INTO troth_batches VALUES ('p', 1, 1, '0:0-1', 1, 'now')", False, True),
    ("DROP TABLE people", False, False),
    ("CREATE TRIGGER t BEFORE DELETE ON people FOR EACH ROW SET @x = 1", False, False),
]


@pytest.mark.parametrize(("statement", "look", "apply"), STATEMENTS)
def test_what_each_user_may(
    maria: mariadb.Server, database: str, statement: str, look: bool, apply: bool
) -> None:
    """The looker reads what is mapped or on the way; the applier changes what the map declares."""
    assert allowed(maria, database, grants.LOOK, statement) is look
    assert allowed(maria, database, grants.APPLY, statement) is apply


def test_the_whole_structure_is_seen(maria: mariadb.Server, database: str) -> None:
    """A user that may read little sees every table and key all the same: none takes rows along unseen."""
    whole = introspect.read(sql.connect(maria.url(database)), "app")
    seen = introspect.read(sql.connect(maria.url(database, user=grants.LOOK, password="pw")), "app")
    assert seen.fingerprint == whole.fingerprint
    assert "secrets" in seen.tables


def test_the_applier_carries_out_a_batch(maria: mariadb.Server, database: str) -> None:
    """Marks, locks and purge work with these rights alone."""
    engine = sql.connect(maria.url(database, user=grants.APPLY, password="pw"))
    store = SqlStore(
        engine=engine, catalog=introspect.read(engine, "app"), now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )
    step = DeleteRows(id="1", dataset="app.visits", where=ALWAYS, promises=())
    with store.exclusive():
        assert store.prepare()
        store.walk("app.visits", None)
        job = Job(plan="p", number=1, batch=1, step=step, where=step.where, span=Span(leaf=0, low=0, high=1))
        assert store.run(job) == 1
        assert [batch.rows for batch in store.done("p", 1)] == [1]
        assert store.purge(["app.visits"]).readable == ("statistics", "binary-log", "free-pages")


def test_a_new_user_is_locked(maria: mariadb.Server, database: str) -> None:
    """Nobody comes in before an administrator has set a password."""
    maria.run(f"DROP USER '{grants.LOOK}'@'%'")
    granted(maria, database, MAP)
    with pytest.raises(StoreError, match="login"):
        sql.connect(maria.url(database, user=grants.LOOK, password=""))


def test_what_is_not_there_is_said(maria: mariadb.Server, database: str) -> None:
    """A mapped dataset that does not exist is a comment, not a failing grant."""
    assert "app.gone is in the data map but not in the database" in granted(maria, database, MAP)


def test_a_smaller_map_takes_rights_back(maria: mariadb.Server, database: str) -> None:
    """Running the grants of a smaller map revokes what it no longer needs."""
    granted(maria, database, {"datasets": {"app.visits": {}}})
    assert not allowed(maria, database, grants.LOOK, "SELECT * FROM people")
