"""Finding people on real stores: a shop and a help desk, on SQLite, on PostgreSQL and on MariaDB."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from db import mariadb, servers
from db.checking import fill
from troth.app import finding, wishes
from troth.app.clock import Moment
from troth.people import report as reports
from troth.people.closure import Row
from troth.people.report import Report
from troth.people.typed import Line
from troth.stores.sql import find as seeking
from troth.stores.sql import introspect
from troth.stores.sql import open as opening
from unit.people.oracle import KINDS, Person, identity, oracle

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROJECT = """
troth: 1
organisation: {name: The Shop, timezone: UTC}
categories: {identity: {}, contact: {}, transaction: {}, communication: {}}
stores:
  app: {url: "${APP}", located: US, timezone: UTC}
  help: {url: "${HELP}", located: DE, timezone: UTC}
  binders: {kind: physical, located: US}
subjects:
  customer:
    dataset: app.customers
    key: id
    identities:
      email: {field: email, verified: email_verified}
      phone: phone
      ip: {field: last_ip, links: yes}
      account: id
  contact:
    dataset: help.contacts
    key: [site, no]
    identities: {email: email, phone: phone, account: customer_no}
datasets:
  app.customers: {fields: {identity: [name], contact: [email, phone]}}
  app.addresses: {owned-by: customer via customers.address_id, fields: {contact: [street]}}
  app.orders: {subject: customer, fields: {transaction: [total]}}
  app.items: {fields: {transaction: [what]}}
  app.messages: {subject: [sender via from_id, recipient via to_id], fields: {communication: [body]}}
  app.invoices: {subject: customer via mail = customers.email, fields: {contact: [mail]}}
  app.visits: {subject: customer, fields: {contact: [page]}}
  help.contacts: {fields: {contact: [email, phone]}}
  help.tickets: {fields: {communication: [body]}}
"""
APP = """
CREATE TABLE addresses (id INTEGER PRIMARY KEY, street TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email VARCHAR(200), email_verified BOOLEAN,
  phone TEXT, last_ip TEXT, address_id INTEGER REFERENCES addresses (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total INTEGER);
CREATE TABLE items (order_id INTEGER REFERENCES orders (id), line INTEGER, what TEXT, PRIMARY KEY (order_id, line));
CREATE TABLE messages (id INTEGER PRIMARY KEY, from_id INTEGER REFERENCES customers (id),
  to_id INTEGER REFERENCES customers (id), body TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, mail TEXT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), page TEXT);
INSERT INTO addresses VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO customers VALUES
  (1, 'Ada', ' Ada@Example.ORG ', true, '(415) 555-0100', '192.0.2.7', 1),
  (2, 'Mallory', 'ada@example.org', false, '+1 415 555 0100', '192.0.2.7', 2),
  (3, 'José', 'JOSÉ@Bücher.example', true, '001 415 555 0103', '2001:DB8::7', 3),
  (4, 'Twin', 'team@example.org', true, NULL, NULL, 3),
  (5, 'Twin', 'team@example.org', true, NULL, NULL, 3),
  (6, 'New', 'new@example.org', NULL, NULL, NULL, NULL),
  (7, 'Mall', 'mall@example.org', true, NULL, NULL, NULL);
INSERT INTO orders VALUES (10, 1, 5), (11, 1, 5), (20, 2, 5), (30, 3, 5);
INSERT INTO items VALUES (10, 1, 'x'), (10, 2, 'y'), (20, 1, 'z');
INSERT INTO messages VALUES (1, 1, 2, 'm'), (2, 2, 1, 'm'), (3, 1, 1, 'm'), (4, 3, 2, 'm');
INSERT INTO invoices VALUES (1, 'ADA@example.org'), (2, 'mall@example.org'), (3, 'guest@example.org')
"""
HELP = """
CREATE TABLE contacts (site VARCHAR(5), no INTEGER, email TEXT, phone TEXT, customer_no TEXT, PRIMARY KEY (site, no));
CREATE TABLE tickets (id INTEGER PRIMARY KEY, site VARCHAR(5), no INTEGER, body TEXT,
  FOREIGN KEY (site, no) REFERENCES contacts (site, no));
INSERT INTO contacts VALUES
  ('de', 1, 'ada@EXAMPLE.org', NULL, NULL),
  ('de', 2, 'mall@example.org', '0014155550100', NULL),
  ('de', 3, 'jose.private@example.org', NULL, '3'),
  ('de', 4, 'else@example.org', '030 1234567', NULL);
INSERT INTO tickets VALUES (1, 'de', 1, 't'), (2, 'de', 1, 't'), (3, 'de', 2, 't'), (4, 'de', 3, 't')
"""
Find = Callable[..., Report]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Return the addresses of two empty stores."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.sqlite", f"sqlite:///{tmp_path}/help.sqlite"
    make = request.getfixturevalue("new_pg_url" if request.param == "postgresql" else "new_mariadb_url")
    return make(), make()


@pytest.fixture
def find(urls: tuple[str, str], tmp_path: Path) -> Find:
    """Fill both stores and return the search over them."""
    fill(urls[0], APP).dispose()
    fill(urls[1], HELP).dispose()
    return searching(tmp_path, *urls)


def searching(folder: Path, app: str, desk: str, project: str = PROJECT) -> Find:
    """Write a project and return the search over it."""
    (folder / "troth.yaml").write_text(project)

    def search(*texts: str, limit: int = 20) -> Report:
        wish = wishes.Wish(lines=[Line(source="<file>", line=1, text=t) for t in texts], limit=limit)
        return finding.find(wish, folder, {"APP": app, "HELP": desk}, Moment(at=AT))

    return search


def keys(found: Report) -> set[tuple[object, ...]]:
    """Return the people found, as dataset and key."""
    return {(row.dataset, *row.key) for row in found.closure.found}


def rows(found: Report) -> dict[str, int]:
    """Return the datasets with hits."""
    return {one.dataset: one.rows for one in found.datasets if one.rows}


def test_one_person_everywhere(find: Find) -> None:
    """A verified e-mail finds the account, the help desk and all that hangs on them, however it is written."""
    found = find("email:ADA@example.org")
    assert keys(found) == {("app.customers", 1), ("help.contacts", "de", 1)}
    assert len(found.closure.people) == 1
    assert rows(found) == {
        "app.customers": 1,
        "app.addresses": 1,
        "app.orders": 2,
        "app.items": 2,
        "app.messages": 3,
        "app.invoices": 1,
        "help.contacts": 1,
        "help.tickets": 2,
    }


def test_zero_hits_are_listed(find: Find) -> None:
    """A dataset without a hit stands in the answer with nought, and stores without engine are named."""
    found = find("email:ada@example.org")
    assert [one.dataset for one in found.datasets if not one.rows] == ["app.visits"]
    assert [one.what for one in found.left_out] == ["store binders"]


def test_a_shared_row_is_counted_once(find: Find) -> None:
    """A message to oneself counts for both roles and once for the dataset."""
    (messages,) = [one for one in find("email:ada@example.org").datasets if one.dataset == "app.messages"]
    assert {way.role: way.rows for way in messages.ways} == {"sender": 2, "recipient": 2}
    assert messages.rows == 3


def test_a_key_leads_on_by_what_is_verified(find: Find) -> None:
    """From an account the verified e-mail leads to the help desk, and the path says so."""
    found = find("id:1")
    (contact,) = [row for row in found.closure.found if row.dataset == "help.contacts"]
    assert reports.path(found.closure.path(contact)) == "id 1 → app.customers → email → help.contacts"
    assert found.links == {("app.customers", "email", "help.contacts"): 1}


def test_a_victims_email_typed_into_a_profile_is_not_followed(find: Find) -> None:
    """An address that is not verified leads to nobody, and its owner's data stays out."""
    found = find("customer/2")
    assert keys(found) == {("app.customers", 2)}
    assert rows(found) == {
        "app.customers": 1,
        "app.addresses": 1,
        "app.orders": 1,
        "app.items": 1,
        "app.messages": 3,
    }


def test_a_victims_phone_typed_into_a_profile_is_not_followed(find: Find) -> None:
    """Phone and IP address are shared by two accounts, and link them by no means."""
    assert keys(find("email:mall@example.org")) == {("app.customers", 7), ("help.contacts", "de", 2)}


def test_an_address_with_an_owner_takes_nobody_in_who_only_claims_it(find: Find) -> None:
    """Whoever asks by an address gets the account that verified it; another that shows it is named apart."""
    (claim,) = find("email:ada@example.org").closure.claims
    assert (claim.row.key, claim.kind, claim.typed) == ((2,), "email", 1)


def test_an_address_nobody_verified_finds_whoever_has_it(find: Find) -> None:
    """A proven address finds an account that never confirmed it, marked so."""
    found = find("email:new@example.org")
    assert [(one.row.key, one.claimed) for one in found.closure.found.values()] == [((6,), True)]


def test_two_people_with_one_identity_stay_two(find: Find) -> None:
    """A shared address finds both, as two people, with a warning."""
    found = find("email:team@example.org")
    assert len(found.closure.people) == 2
    assert [one.subjects for one in found.closure.several] == [2]


def test_a_shared_phone_is_two_people(find: Find) -> None:
    """A typed phone number finds everyone who has it, in whatever spelling."""
    found = find("phone:+14155550100")
    assert keys(found) == {
        ("app.customers", 1),
        ("app.customers", 2),
        ("help.contacts", "de", 1),
        ("help.contacts", "de", 2),
    }
    assert len(found.closure.several) == 1


def test_a_phone_is_read_where_it_rests(find: Find) -> None:
    """A number without country means the country of its store."""
    assert keys(find("phone:+49301234567")) == {("help.contacts", "de", 4)}


def test_letters_beyond_ascii_and_domains(find: Find) -> None:
    """Case, accents and the two spellings of a domain make no difference."""
    assert keys(find("email:josé@xn--bcher-kva.EXAMPLE")) == {
        ("app.customers", 3),
        ("help.contacts", "de", 3),
    }


def test_an_account_id_leads_across_stores(find: Find) -> None:
    """The account number in the help desk is the same, though a number here and text there."""
    assert keys(find("account:3")) == {("app.customers", 3), ("help.contacts", "de", 3)}


def test_keys_equal_by_chance_are_not_one_person(find: Find) -> None:
    """A key is looked for among customers alone when it is typed so, and leads to no other key."""
    assert keys(find("customer/6")) == {("app.customers", 6)}


def test_a_mailbox_two_people_verified_leads_to_both_and_warns(find: Find) -> None:
    """From one of them the shared address leads to the other, who is shown apart."""
    found = find("customer/4")
    assert keys(found) == {("app.customers", 4), ("app.customers", 5)}
    assert len(found.closure.people) == 2 and found.closure.several


def test_a_key_of_two_columns(find: Find) -> None:
    """A key of several columns is typed with commas."""
    assert keys(find("contact/de,4")) == {("help.contacts", "de", 4)}


def test_ip_addresses_are_one_in_every_spelling(find: Find) -> None:
    """An IPv6 address is found from its long form."""
    assert ("app.customers", 3) in keys(find("ip:2001:0db8:0:0:0:0:0:7"))


def test_above_the_limit_nobody_is_taken_in(find: Find) -> None:
    """An identity of too many people is shown with their number and finds nobody."""
    found = find("ip:192.0.2.7", limit=1)
    assert keys(found) == set()
    assert [(one.kind, one.subjects) for one in found.closure.stopped] == [("ip", 2)]


def test_nobody_hides_an_owner_behind_claims(find: Find, urls: tuple[str, str]) -> None:
    """However many accounts show an address without proving it, the one that owns it is found."""
    squatters = ",\n".join(f"({n}, 'S', 'ada@example.org', false, NULL, NULL, NULL)" for n in range(100, 130))
    fill(urls[0], f"INSERT INTO customers VALUES {squatters}").dispose()
    found = find("email:ada@example.org")
    assert keys(found) == {("app.customers", 1), ("help.contacts", "de", 1)}
    assert found.closure.claims and not found.closure.stopped


def test_nobody(find: Find) -> None:
    """What nobody has is an outcome of its own."""
    found = find("email:nobody@example.org")
    assert not found.anybody
    assert [one.number for one in found.closure.unmatched] == [1]


def test_half_known(find: Find) -> None:
    """Identities that match nobody are named by position beside those that do."""
    found = find("email:nobody@example.org", "email:ada@example.org", "id:999")
    assert found.anybody
    assert [(one.number, one.kind) for one in found.closure.unmatched] == [(1, "email"), (3, "id")]


def test_a_guest_is_found_by_the_copy_alone(find: Find) -> None:
    """A copy without a key counts for the address typed, though nobody has an account."""
    found = find("email:Guest@example.org")
    assert rows(found) == {"app.invoices": 1}
    assert found.anybody and not found.closure.people


def test_an_identity_declared_never_to_lead_on_is_noted(find: Find) -> None:
    """`links: yes` on an IP address is not obeyed, and the answer says so."""
    assert any("customer.ip" in note for note in find("id:1").notes)


def test_no_value_stands_in_an_answer(find: Find) -> None:
    """The JSON without keys holds no identity, and none with keys either but the keys."""
    found = find("email:ada@example.org", "phone:+14155550100")
    plain = json.dumps(reports.as_json(found, keys=False))
    shown = json.dumps(reports.as_json(found, keys=True))
    assert "example" not in plain and "555" not in plain and "/1" not in plain.replace("find/1", "")
    assert "app.customers/1" in shown and "example" not in shown


def test_a_silent_store_is_named_and_the_rest_goes_on(
    find: Find, tmp_path: Path, urls: tuple[str, str]
) -> None:
    """A store that does not answer is not looked at; the others are."""
    found = searching(tmp_path, urls[0], f"sqlite:///{tmp_path}/gone.sqlite")("email:ada@example.org")
    assert found.unreachable
    assert keys(found) == {("app.customers", 1)}
    assert {one.what for one in found.left_out} == {"store help", "store binders"}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect every statement any engine runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_people(urls: tuple[str, str], tmp_path: Path) -> None:
    """Five hundred people are asked for with as many statements as one."""
    people = ",\n".join(f"({n}, 'N', 'n{n}@example.org', true, NULL, NULL, NULL)" for n in range(100, 600))
    contacts = ",\n".join(f"('us', {n}, 'n{n}@example.org', NULL, '{n}')" for n in range(100, 600))
    fill(urls[0], f"{APP.strip()};\nINSERT INTO customers VALUES {people}").dispose()
    fill(urls[1], f"{HELP.strip()};\nINSERT INTO contacts VALUES {contacts}").dispose()
    find = searching(tmp_path, *urls)
    find("email:n100@example.org")  # the first look at a structure asks more
    with statements() as one:
        assert len(keys(find("email:n100@example.org"))) == 2
    with statements() as many:
        found = find(*(f"email:n{n}@example.org" for n in range(100, 600)))
    assert len(found.closure.people) == 500
    assert len(many) == len(one)


def test_nothing_can_be_written(urls: tuple[str, str], tmp_path: Path) -> None:
    """The database itself refuses a change while a search has it open."""
    fill(urls[0], APP).dispose()
    engine = opening.connect(urls[0], store="app", readonly=True)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        seeker = stack.enter_context(seeking.opened(engine, introspect.read(engine, "app"), ()))
        with pytest.raises(SQLAlchemyError, match=r"(?i)read.?only"):
            seeker.connection.exec_driver_sql("DELETE FROM invoices")


def test_nobody_looked_for_stands_in_a_binary_log(
    maria: mariadb.Server, mariadb_url: str, tmp_path: Path
) -> None:
    """Who is looked for goes into temporary tables, and those into no log that replicas and backups keep."""
    fill(mariadb_url, APP).dispose()
    found = searching(tmp_path, mariadb_url, f"sqlite:///{tmp_path}/gone.sqlite")
    begun = maria.new_log()
    assert keys(found("email:ada@example.org")) == {("app.customers", 1)}
    events = maria.logged(mariadb_url.rpartition("/")[2], since=begun)
    assert "troth_find_wanted" in events and "ada@" not in events


def test_a_role_without_temporary_tables_is_told_what_it_needs(
    pg_url: str, postgres: servers.Server, tmp_path: Path
) -> None:
    """A store that lets nobody make working tables is named as not looked at; others are searched."""
    fill(pg_url, APP).dispose()
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
        admin.execute("CREATE ROLE looker LOGIN PASSWORD 'x' IN ROLE pg_read_all_data")
    try:
        url = postgres.url(name, user="looker", password="x")
        found = searching(tmp_path, url, f"sqlite:///{tmp_path}/gone.sqlite")("email:ada@example.org")
    finally:
        with postgres.admin(name) as admin:
            admin.execute("DROP ROLE looker")
    (why,) = [one.why for one in found.left_out if one.what == "store app"]
    assert "temporary tables" in why
    assert found.unreachable and not found.anybody


def test_a_table_the_role_may_not_read_is_named(
    pg_url: str, postgres: servers.Server, tmp_path: Path
) -> None:
    """One dataset that is closed to the role keeps nobody from counting the others."""
    fill(pg_url, APP).dispose()
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute("CREATE ROLE reader LOGIN PASSWORD 'x'")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        admin.execute("REVOKE SELECT ON messages FROM reader")
    try:
        url = postgres.url(name, user="reader", password="x")
        found = searching(tmp_path, url, f"sqlite:///{tmp_path}/gone.sqlite")("email:ada@example.org")
    finally:
        with postgres.admin(name) as admin:
            admin.execute("DROP OWNED BY reader")
            admin.execute("DROP ROLE reader")
    assert "app.messages" in {one.what for one in found.left_out}
    assert rows(found)["app.orders"] == 2


def test_hidden_rows_are_said_to_be_hidden(pg_url: str, postgres: servers.Server, tmp_path: Path) -> None:
    """Where row-level security filters what the role sees, the answer says that there may be more."""
    fill(pg_url, APP).dispose()
    name = pg_url.rpartition("/")[2]
    with postgres.admin(name) as admin:
        admin.execute("CREATE ROLE guest LOGIN PASSWORD 'x' IN ROLE pg_read_all_data")
        admin.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
    try:
        url = postgres.url(name, user="guest", password="x")
        found = searching(tmp_path, url, f"sqlite:///{tmp_path}/gone.sqlite")("email:ada@example.org")
    finally:
        with postgres.admin(name) as admin:
            admin.execute("DROP ROLE guest")
    assert "app.orders" not in rows(found)
    assert any("app.orders" in note and "hides rows" in note for note in found.notes)


ODD = """
CREATE TABLE "Kunden Tabelle" ("Schlüssel%" {uuid} PRIMARY KEY, "eMail" {text}, "bestätigt am" {time}, "IP" {inet});
CREATE TABLE "Order" ("Nr" INTEGER PRIMARY KEY, "Kunde" {uuid} REFERENCES "Kunden Tabelle" ("Schlüssel%"));
INSERT INTO "Kunden Tabelle" VALUES
  ('6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'Ada@example.org', '2020-01-01', '2001:db8::7'),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964aa', 'ada@example.org', NULL, '192.0.2.7');
INSERT INTO "Order" VALUES (1, '6f9619ff-8b86-d011-b42d-00cf4fc964ff'), (2, '6f9619ff-8b86-d011-b42d-00cf4fc964aa')
"""
ODD_PROJECT = """
troth: 1
organisation: {name: Laden}
categories: {contact: {}}
stores: {app: {url: "${APP}"}}
subjects:
  customer: {dataset: "app.Kunden Tabelle", key: "Schlüssel%",
             identities: {mail: {field: eMail, verified: "bestätigt am"}, ip: IP}}
datasets:
  "app.Kunden Tabelle": {fields: {contact: [eMail, IP]}}
  app.Order: {fields: {contact: [Nr]}}
"""


def test_odd_names_and_types(urls: tuple[str, str], tmp_path: Path) -> None:
    """Names with blanks, capitals and percent signs; UUID keys, inet, and a date as word that it is verified."""
    dialect = urls[0].partition(":")[0]
    types = {"uuid": "TEXT", "text": "TEXT", "time": "TEXT", "inet": "TEXT"}
    if dialect != "sqlite":
        inet = "INET6" if dialect == "mariadb" else "INET"
        types = {"uuid": "UUID", "text": "TEXT", "time": "TIMESTAMP NULL", "inet": inet}
    script = ODD
    if dialect == "mariadb":
        script = ODD.replace('"', "`").replace("'192.0.2.7'", "'::ffff:192.0.2.7'")
    script = script if dialect == "sqlite" else script.replace("%", "%%")
    engine = opening.connect(urls[0], store="app", create=True)
    with engine.begin() as connection:
        for line in script.format(**types).strip().split(";\n"):
            connection.exec_driver_sql(line)
    engine.dispose()
    find = searching(tmp_path, *urls, project=ODD_PROJECT)
    for start in (
        "email:ADA@example.org",
        "ip:2001:DB8:0::7",
        "customer/6F9619FF-8B86-D011-B42D-00CF4FC964FF",
    ):
        assert rows(find(start)) == {"app.Kunden Tabelle": 1, "app.Order": 1}, start


def test_text_that_is_no_utf8_stops_nobody(tmp_path: Path) -> None:
    """A value SQLite keeps in another encoding is passed over, not stumbled over."""
    url = f"sqlite:///{tmp_path}/app.sqlite"
    engine = fill(url, APP)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE customers SET email = CAST(x'e9e8' AS TEXT), email_verified = true WHERE id = 7"
        )
    engine.dispose()
    found = searching(tmp_path, url, f"sqlite:///{tmp_path}/gone.sqlite")
    assert keys(found("email:ada@example.org")) == {("app.customers", 1)}
    assert keys(found("customer/7")) == {("app.customers", 7)}


RANDOM = """
troth: 1
organisation: {{name: Anybody}}
categories: {{contact: {{}}}}
stores: {{app: {{url: "${{APP}}"}}, help: {{url: "${{HELP}}"}}}}
subjects:
  a: {{dataset: app.a, key: id, identities: {identities}}}
  b: {{dataset: help.b, key: id, identities: {identities}}}
datasets:
  app.a: {{fields: {{contact: [email, phone, account]}}}}
  help.b: {{fields: {{contact: [email, phone, account]}}}}
"""
IDENTITIES = "{" + ", ".join(f"{kind}: {{field: {kind}, verified: {kind}_ok}}" for kind in KINDS) + "}"
VALUES = {"email": "u{}@example.org", "account": "{}", "phone": "+1415555010{}"}


@settings(max_examples=25)
@given(
    people=st.lists(
        st.tuples(
            st.sampled_from(["app.a", "help.b"]),
            st.dictionaries(st.sampled_from(KINDS), st.integers(0, 3), min_size=1),
            st.frozensets(st.sampled_from(KINDS)),
        ),
        max_size=8,
    ),
    start=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), min_size=1, max_size=3, unique=True),
    limit=st.integers(1, 4),
)
def test_whom_two_stores_find_is_whom_the_oracle_finds(
    people: list[tuple[str, dict[str, int], frozenset[str]]], start: list[tuple[str, int]], limit: int
) -> None:
    """On random rows in two databases, the search takes in exactly whom the rules one by one would."""
    subjects = {"app.a": "a", "help.b": "b"}
    made = [
        Person(
            row=Row(subject=subjects[dataset], dataset=dataset, key=(n,)),
            has={kind: VALUES[kind].format(value) for kind, value in has.items()},
            proven=proven,
        )
        for n, (dataset, has, proven) in enumerate(people)
    ]
    typed = [identity(kind, VALUES[kind].format(value)) for kind, value in start]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dataset in subjects:
            store, table = dataset.split(".")
            _random_store(
                f"sqlite:///{folder}/{store}.sqlite", table, [p for p in made if p.row.dataset == dataset]
            )
        project = RANDOM.format(identities=IDENTITIES)
        find = searching(folder, f"sqlite:///{folder}/app.sqlite", f"sqlite:///{folder}/help.sqlite", project)
        found = find(*(f"{one.match}:{one.value}" for one in typed), limit=limit)
    assert set(found.closure.found) == oracle(made, typed, limit)


def _random_store(url: str, table: str, people: list[Person]) -> None:
    columns = ", ".join(f"{kind} TEXT, {kind}_ok BOOLEAN" for kind in KINDS)
    engine = opening.connect(url, create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns})")
        for person in people:
            values = [v for kind in KINDS for v in (person.has.get(kind), kind in person.proven)]
            marks = ", ".join("?" * (len(values) + 1))
            connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", (*person.row.key, *values))
    engine.dispose()
