"""Drafting a project for databases nobody has described: it loads, and it says the right things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from db import servers
from troth.catalog import draft, reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.catalog.undeclared import undeclared
from troth.reading import read_project
from troth.stores.sql import introspect, sample
from troth.stores.sql import open as sql

CASES = Path(__file__).parents[1] / "cases"


@dataclass(frozen=True)
class Drafted:
    """A draft, read back."""

    files: Mapping[str, str]
    datamap: DataMap
    reaches: reach.Reaches
    catalog: Catalog


def drafted(engine: sa.Engine, **options: object) -> Drafted:
    """Draft a project for a store and read it back; a fault fails the test."""
    catalog = introspect.read(engine, "app")
    files = draft.draft([sample.survey(engine, catalog)], **options)  # type: ignore[arg-type]
    reading = read_project({name: text.encode() for name, text in files.items()})
    assert reading.problems == ()
    assert reading.datamap is not None
    return Drafted(files, reading.datamap, reach.resolve(reading.datamap, {"app": catalog}), catalog)


def lite(tmp_path: Path, script: str) -> sa.Engine:
    """Make a SQLite database from a script."""
    engine = sql.connect("sqlite:///a.db", folder=tmp_path, create=True)
    with engine.begin() as connection:
        connection.connection.executescript(script)  # type: ignore[attr-defined]
    return engine


@pytest.fixture
def shop(shared: Path, postgres: servers.Server, pg_url: str) -> Drafted:
    """Draft the sample shop."""
    script = (shared / "bench/shop.sql").read_text("utf-8").replace("100000", "2000")
    postgres.run_script(pg_url.rsplit("/", 1)[1], script)
    return drafted(sql.connect(pg_url, readonly=True))


def test_shop_has_one_subject_with_its_identities(shop: Drafted) -> None:
    """The customers' table is found, with key, identities, country and birth date."""
    assert list(shop.datamap.subjects) == ["customer"]
    customer = shop.datamap.subjects["customer"]
    assert (customer.dataset, customer.key) == ("app.customers", ("id",))
    assert {name: identity.field for name, identity in customer.identities.items()} == {
        "email": "email",
        "phone": "phone",
    }
    assert (customer.residence, customer.born) == ("country", "date_of_birth")


def test_shop_reaches_people_from_every_table(shop: Drafted) -> None:
    """Every dataset reaches the customer, the newsletter by the same e-mail address."""
    assert shop.reaches.problems == ()
    ways = {name: [h.columns for h in found[0].hops] for name, found in shop.reaches.of.items()}
    assert ways["app.orders"] == [("customer_id",)]
    assert ways["app.payments"] == [("order_id",), ("customer_id",)]
    assert ways["app.newsletter_subscriptions"] == [("email",)]
    assert all(len(found) == 1 for found in shop.reaches.of.values())


def test_shop_copies_without_key_are_pointed_out(shop: Drafted) -> None:
    """A column that repeats the customers' e-mail addresses is named as a copy."""
    copies = [line.strip() for line in shop.files["datamap.yaml"].splitlines() if "# copy:" in line]
    assert len(copies) == 2 and all("customers.email" in line for line in copies)


def test_every_table_and_column_is_accounted_for(shop: Drafted) -> None:
    """Nothing is left out: each column is a field, a key, a way, an anchor or said to be harmless."""
    assert undeclared(shop.datamap, {"app": shop.catalog}) == ()


def test_a_draft_invents_no_promise(shop: Drafted) -> None:
    """No retention rule and no fate of rows is written: only a person can say."""
    reading = read_project({name: text.encode() for name, text in shop.files.items()})
    assert reading.policy is not None and not reading.policy.retention
    assert all(d.on_expiry is None and d.kept_as is None for d in shop.datamap.datasets.values())


def test_chinook_tells_customers_from_employees(shared: Path) -> None:
    """Invoices are the customer's, not those of the employee who serves them."""
    found = drafted(sql.connect(f"sqlite:///{shared}/data/chinook/chinook.sqlite", readonly=True))
    assert list(found.datamap.subjects) == ["customer", "employee"]
    (way,) = found.reaches.of["app.InvoiceLine"]
    assert way.subject == "customer" and [h.target for h in way.hops] == ["app.Invoice", "app.Customer"]
    assert {"app.Genre", "app.Album", "app.Playlist"} <= set(found.datamap.no_personal_data)


@pytest.mark.parametrize("name", ["klinik", "saas", "mensajeria"])
def test_own_small_databases_load(name: str, tmp_path: Path) -> None:
    """Drafts for a German, a camelCase and an all-text Spanish database load without fault."""
    tables = yaml.safe_load((CASES / f"labels_{name}.yml").read_text("utf-8"))["tables"]
    engine = lite(tmp_path, "")
    with engine.begin() as connection:
        for table, columns in tables.items():
            declared = ", ".join(f'"{column}" {given[0]}' for column, given in columns.items())
            connection.exec_driver_sql(f'CREATE TABLE "{table}" ({declared})')
            for row in zip(*(given[2:] for given in columns.values()), strict=True):
                places = ", ".join("?" * len(row))
                connection.exec_driver_sql(f'INSERT INTO "{table}" VALUES ({places})', row)
    found = drafted(engine)
    assert found.datamap.subjects
    assert {problem.code for problem in found.reaches.problems} <= {"no-reach"}
    assert undeclared(found.datamap, {"app": found.catalog}) == ()


def test_views_are_left_to_a_person(pg_url: str) -> None:
    """A stored view holds copies and a plain one nothing: which it is, a person says."""
    engine = sql.connect(pg_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE users (id int PRIMARY KEY, email text)")
        connection.exec_driver_sql("CREATE VIEW mails AS SELECT email FROM users")
    found = drafted(engine)
    assert "# - app.mails" in found.files["datamap.yaml"]
    assert [p.about for p in undeclared(found.datamap, {"app": found.catalog})] == ["app.mails"]


def test_two_parties_of_a_message_share_the_row(tmp_path: Path) -> None:
    """A sender and a recipient are both named, each with a part."""
    script = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, full_name TEXT);
    CREATE TABLE messages (id INTEGER PRIMARY KEY, sender_id INTEGER REFERENCES users,
      recipient_id INTEGER REFERENCES users, body TEXT, sent_at DATETIME);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users,
      created_by INTEGER REFERENCES users, total REAL);
    """
    found = drafted(lite(tmp_path, script))
    roles = [(r.role, r.subject) for r in found.reaches.of["app.messages"]]
    assert roles == [("sender", "user"), ("recipient", "user")]
    (order,) = found.reaches.of["app.orders"]
    assert order.hops[0].columns == ("user_id",)
    assert found.datamap.datasets["app.messages"].anchors["last.interaction"] == "sent_at"


def test_profiles_belong_to_their_user_and_addresses_to_their_owner(tmp_path: Path) -> None:
    """A table that adds to a person is no subject of its own; one a person points to is owned."""
    script = """
    CREATE TABLE address (id INTEGER PRIMARY KEY, street TEXT, city TEXT, zip TEXT);
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, password_hash TEXT,
      home_address_id INTEGER REFERENCES address);
    CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users, first_name TEXT, last_name TEXT, bio TEXT);
    """
    found = drafted(lite(tmp_path, script))
    assert list(found.datamap.subjects) == ["user"]
    assert found.datamap.datasets["app.address"].owned_by == "user via users.home_address_id"
    assert found.reaches.problems == ()


def test_references_without_foreign_key_are_found_by_values(tmp_path: Path) -> None:
    """Where no foreign key is declared, names and values show the way, over two tables if need be."""
    script = "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT);"
    script += "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, note TEXT);"
    script += "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER, engraving TEXT);"
    for n in range(1, 9):
        script += f"INSERT INTO customers VALUES ({n * 7}, 'a{n}@x.example');"
        script += f"INSERT INTO orders VALUES ({n * 11}, {n * 7}, 'n'); "
        script += f"INSERT INTO order_lines VALUES ({n}, {n * 11}, 'e');"
    found = drafted(lite(tmp_path, script))
    assert found.reaches.problems == ()
    (way,) = found.reaches.of["app.order_lines"]
    assert [hop.target for hop in way.hops] == ["app.orders", "app.customers"]


def test_awkward_names_do_not_break_the_draft(tmp_path: Path) -> None:
    """Names that YAML reads as something else are quoted."""
    script = """
    CREATE TABLE "yes" ("null" INTEGER PRIMARY KEY, "e-mail: #1" TEXT, "1st name" TEXT, "first name" TEXT);
    CREATE TABLE "Käufer & Söhne" ("ID" INTEGER PRIMARY KEY, "E-Mail" TEXT, "{Vorname}" TEXT, "'Nachname'" TEXT);
    CREATE TABLE "a > b = c" ("ref" INTEGER REFERENCES "Käufer & Söhne", note TEXT);
    CREATE TABLE "true" (x)
    """
    found = drafted(lite(tmp_path, script))
    assert "app.Käufer & Söhne" in found.datamap.datasets


def test_an_empty_database_makes_a_draft_too(tmp_path: Path) -> None:
    """Nothing there, nothing guessed, no fault."""
    assert drafted(lite(tmp_path, "")).datamap.datasets == {}


def test_sentences_of_the_text_are_cited(tmp_path: Path) -> None:
    """Sentences about keeping data stand beside the rules still to be written."""
    from troth.policy.text.reading import read_bytes

    text = read_bytes(
        "policy.txt", b"1. Retention\n\nWe keep your account data for two years after you leave.\n"
    )
    engine = lite(tmp_path, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
    found = drafted(engine, sentences=text.sentences, text_file="policy.txt")
    assert text.sentences[-1].fingerprint in found.files["troth.yaml"]


def test_no_sampled_value_is_written(tmp_path: Path) -> None:
    """The draft shows names, shares and reasons, never a value of a row."""
    script = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, notes TEXT);"
    script += "".join(
        f"INSERT INTO users VALUES ({n}, 'zebra{n}@q.example', 'zebra wrote {n}');" for n in range(30)
    )
    assert "zebra" not in "".join(drafted(lite(tmp_path, script)).files.values())
