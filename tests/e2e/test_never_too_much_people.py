"""Erasures attacked: rows of other people that must stay, and data of the person that must not pass unseen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.shops import Shop

ANN = "customer/1"
MAP = """\
stores:
  app: {url: "${APP_DB}", located: US, timezone: UTC}
subjects:
  customer: {dataset: app.customers, key: id, identities: {email: email, phone: phone}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    fields: {identity: [name], contact: [email, phone]}
"""
PEOPLE = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(99), email varchar(99), phone varchar(99))",
    "INSERT INTO customers VALUES (1, 'Ann Lee', 'ann@example.org', NULL), "
    "(2, 'Bob Day', 'bob@example.org', NULL), (12345, 'Cy Fox', 'cy@example.org', NULL)",
)


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Shop]:
    """Make a project with three customers and more tables, described as the data map would."""

    def make(url: str, more: str, *statements: str) -> Shop:
        shop = Shop.make(tmp_path / "shop", url, customers=1)
        for statement in ("DROP TABLE orders", "DROP TABLE customers", *PEOPLE, *statements):
            shop.sql(statement)
        (shop.folder / "datamap.yaml").write_text(MAP + more)
        return shop

    return make


def erased(shop: Shop, *who: str, code: int = 0) -> dict[str, Any]:
    """Erase people and return the certificate."""
    planned = shop.troth("erase", *who, "--plan", "erase.json")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    done = shop.troth("apply", "erase.json", "--certificate", "certificate.json")
    assert done.returncode == code, done.stdout + done.stderr
    certificate: dict[str, Any] = json.loads((shop.folder / "certificate.json").read_text())
    return certificate


def test_a_key_that_an_heir_repeats(made: Callable[..., Shop], pg_url: str) -> None:
    """Rows of tables that inherit may have the same key: the one of somebody else stays."""
    shop = made(
        pg_url,
        "  app.notes:\n    subject: customer via who\n    kept-as: account\n    on-expiry: delete-row\n"
        "    fields: {identity: [body]}\n",
        "CREATE TABLE notes (id integer PRIMARY KEY, who integer REFERENCES customers (id), body text)",
        "CREATE TABLE more (extra text) INHERITS (notes)",
        "INSERT INTO notes VALUES (1, 1, 'Ann''s')",
        "INSERT INTO more VALUES (1, 2, 'Bob''s', 'x'), (2, 1, 'Ann''s', 'x')",
    )
    erased(shop, ANN)
    assert shop.sql("SELECT body FROM notes") == [("Bob's",)]


def test_lists_of_people_and_keys_of_another_type(made: Callable[..., Shop], pg_url: str) -> None:
    """A list is compared by its elements, a key as text with the number it is; neighbours stay."""
    shop = made(
        pg_url,
        "  app.trips: {subject: customer via who = app.customers.email, kept-as: account, fields: {contact: [who]}}\n"
        "  app.logs: {subject: customer via who = app.customers.id, kept-as: account, on-expiry: delete-row,\n"
        "    fields: {identity: [what]}}\n",
        "CREATE TABLE trips (id integer PRIMARY KEY, who text[])",
        "INSERT INTO trips VALUES (1, '{ann@example.org,bob@example.org}'), (2, '{bob@example.org}'), (3, NULL)",
        "CREATE TABLE logs (id integer PRIMARY KEY, who text, what text)",
        "INSERT INTO logs VALUES (1, '1', 'a'), (2, '12345', 'c'), (3, '01', '?'), (4, NULL, '?')",
    )
    erased(shop, ANN)
    assert shop.sql("SELECT id, who FROM trips ORDER BY id") == [
        (1, ["bob@example.org"]),
        (2, ["bob@example.org"]),
        (3, None),
    ]
    assert shop.sql("SELECT id FROM logs ORDER BY id") == [(2,), (3,), (4,)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mariadb"])
def test_texts_and_documents_beside_each_other(
    made: Callable[..., Shop], request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    """Names and identities go from both, amounts that read like a key stay, on every engine."""
    fixture = {"postgresql": "pg_url", "mariadb": "mariadb_url"}.get(engine)
    url = request.getfixturevalue(fixture) if fixture else f"sqlite:///{tmp_path}/texts.sqlite"
    kind = {"postgresql": "jsonb", "mariadb": "json"}.get(engine, "text")
    shop = made(
        url,
        "  app.mails:\n    subject: [sender via one, recipient via other]\n    kept-as: account\n"
        "    on-expiry: delete-row\n    fields: {identity: [body, doc]}\n    free-text: [body, doc]\n",
        f"CREATE TABLE mails (id integer PRIMARY KEY, one integer, other integer, body text, doc {kind}, "
        "FOREIGN KEY (one) REFERENCES customers (id), FOREIGN KEY (other) REFERENCES customers (id))",
        "INSERT INTO mails VALUES (1, 12345, 2, 'Cy Fox, no. 12345, owes 12345.50 to Cy Foxtrot', "
        """'{"k": "cy@example.org", "n": 7}')""",
    )
    assert erased(shop, "customer/12345")["outcome"] == "done"
    ((body, doc),) = shop.sql("SELECT body, doc FROM mails")
    assert body == "[erased], no. [erased], owes 12345.50 to Cy Foxtrot"
    assert (json.loads(doc) if isinstance(doc, str) else doc) == {"k": "[erased]", "n": 7}


def test_a_table_nobody_knows_the_way_to_is_a_task(made: Callable[..., Shop], tmp_path: Path) -> None:
    """Personal data that no way reaches never lets an erasure be called done."""
    shop = made(
        f"sqlite:///{tmp_path}/lost.sqlite",
        "  app.notes: {kept-as: account, on-expiry: delete-row, fields: {identity: [body]}}\n",
        "CREATE TABLE notes (id integer PRIMARY KEY, who integer, body text)",
        "INSERT INTO notes VALUES (1, 1, 'Ann Lee is ill')",
    )
    certificate = erased(shop, ANN, code=1)
    assert certificate["outcome"] == "partial"
    assert "app.notes" in certificate["tasks"][0]["what"]


def test_a_number_two_people_have_in_another_store(made: Callable[..., Shop], tmp_path: Path) -> None:
    """Rows of another store that only a shared number leads to stay, for a person to look through."""
    shop = made(
        f"sqlite:///{tmp_path}/shared.sqlite",
        "  desk.calls:\n    subject: customer via phone = app.customers.phone\n    kept-as: account\n"
        "    on-expiry: delete-row\n    fields: {contact: [phone]}\n",
        "UPDATE customers SET phone = '+49 30 12345678' WHERE id = 1",
        "UPDATE customers SET phone = '+493012345678' WHERE id = 2",
    ).having(DESK_DB=f"sqlite:///{tmp_path}/desk.sqlite")
    shop.write("datamap.yaml", "stores:", 'stores:\n  desk: {url: "${DESK_DB}", located: US, timezone: UTC}')
    with sqlite3.connect(tmp_path / "desk.sqlite") as desk:
        desk.execute("CREATE TABLE calls (id integer PRIMARY KEY, phone text)")
        desk.execute("INSERT INTO calls VALUES (1, '+493012345678'), (2, '0049 30 12345678')")
    certificate = erased(shop, ANN, code=1)
    with sqlite3.connect(tmp_path / "desk.sqlite") as desk:
        assert desk.execute("SELECT count(*) FROM calls").fetchone() == (2,)
    assert certificate["outcome"] == "partial"
    assert "desk.calls" in certificate["tasks"][0]["what"]


def test_a_certificate_that_cannot_be_written(shop: Shop) -> None:
    """It is found out before anything is erased: afterwards nobody could make the certificate again."""
    assert shop.troth("erase", "customer/3", "--plan", "erase.json").returncode == 0
    before = shop.counts
    done = shop.troth("apply", "erase.json", "--certificate", "nowhere/certificate.json")
    assert done.returncode == 2, done.stdout + done.stderr
    assert shop.counts == before
    assert shop.troth("erase", "customer/3", "--plan", "nowhere/erase.json").returncode == 2
