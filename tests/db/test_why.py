"""Why a row is still here: on real stores, by rules, holds, other rows and controllers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from db.checking import AT, HEAD, fill, read, world
from troth.plan.draft import draft
from troth.plan.explain_row import Why
from troth.plan.predicates import Compare
from troth.plan.say_row import sentences
from troth.plan.world import Hold, Rank
from troth.problems import BadInput
from troth.stores.sql import why

PROJECT = """
categories: {identity: {}, contact: {}, transaction: {}, communication: {}}
retention:
  account: {for: 2 years, after: account.closed}
  transaction: {for: 7 years, after: transaction.made}
  delivery: {for: 1 year, after: transaction.made}
  communication: {for: 2 years, after: last.interaction}
stores: {app: {url: x, timezone: UTC}}
subjects: {customer: {dataset: app.customers, key: id}}
events: {last.interaction: {latest-of: [app.messages.sent_at, app.calls.made_at]}}
datasets:
  app.customers: {kept-as: account, on-expiry: delete-row, fields: {identity: [name]},
                  anchors: {account.closed: closed_at}}
  app.profiles: {kept-as: account, on-expiry: delete-row, fields: {contact: [email]}}
  app.orders: {subject: customer, on-expiry: delete-row, anchors: {transaction.made: ordered_at},
               fields: {transaction: [total], contact: [{name: ship_to, kept-as: delivery}]}}
  app.messages: {on-expiry: delete-row, fields: {communication: [body]}}
  app.calls: {on-expiry: delete-row, fields: {communication: [note]}}
  app.shared: {subject: customer, kept-as: account, on-expiry: keep-row, fields: {contact: [text]},
               controller: {column: client, ours: [us]}}
"""
ROWS = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, closed_at DATE);
CREATE TABLE profiles (customer_id INTEGER, lang VARCHAR(5), email TEXT, PRIMARY KEY (customer_id, lang),
  FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  total INTEGER, ship_to TEXT, ordered_at DATE);
CREATE TABLE messages (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  body TEXT, sent_at DATE);
CREATE TABLE calls (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  note TEXT, made_at DATE);
CREATE TABLE shared (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  text TEXT, client VARCHAR(9));
INSERT INTO customers VALUES (1, 'Ada', '2020-05-06'), (2, 'Bob', '2025-05-06'), (3, 'Eve', NULL),
  (4, 'Kim', '2019-01-31');
INSERT INTO profiles VALUES (2, 'de', 'bob@x.example');
INSERT INTO orders VALUES (10, 1, 5, 'Kirchweg 1', '2024-02-29'), (11, 2, 5, 'Am Tor', '2010-01-01');
INSERT INTO messages VALUES (20, 2, 'hello', '2020-01-01');
INSERT INTO calls VALUES (30, 2, 'rang', '2025-06-07');
INSERT INTO shared VALUES (40, 1, 'a', 'us'), (41, 1, 'b', 'them'), (42, 1, 'c', NULL)
"""
HOLD = Hold(
    id="hold:7",
    rank=Rank.LEGAL_HOLD,
    ground="legal hold",
    review="2026-09-01",
    dataset="app.customers",
    where=Compare(column="id", operator="=", value=4),
)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'app.db'}"
    return str(request.getfixturevalue("pg_url" if request.param == "postgresql" else "mariadb_url"))


def asked(url: str, *places: str) -> list[Why]:
    """Ask about some rows of the shop."""
    reading = read(HEAD + PROJECT)
    engine = fill(url, ROWS)
    try:
        seen = world(engine, reading, at=AT, holds=(HOLD,))
        made = draft(seen)
        return [why.why(engine, seen, made, *why.read_place(seen, place)) for place in places]
    finally:
        engine.dispose()


def test_which_rule_and_when(url: str) -> None:
    """A live row names its rule, the date it counts from, its end, and the row's last day."""
    (found,) = asked(url, "app.customers/2")
    (part,) = found.parts
    (term,) = part.terms
    assert (found.fate, part.state, part.fields) == ("stay", "current", ("name",))
    assert (term.promise, term.began, term.place, term.ends) == (
        "retention.account",
        date(2025, 5, 6),
        "app.customers.closed_at",
        date(2027, 5, 6),
    )
    assert found.goes == date(2027, 5, 6)


def test_past_its_end(url: str) -> None:
    """A row past its end that another row needs names that dataset."""
    (found,) = asked(url, "app.customers/1")
    assert found.parts[0].state == "expired"
    assert found.fate == "needed-by"
    assert {"app.orders", "app.shared"} <= set(found.needed_by)


def test_not_started(url: str) -> None:
    """A row without a date has not started to end, and nobody can say when it goes."""
    (found,) = asked(url, "app.customers/3")
    assert (found.parts[0].state, found.parts[0].ends, found.goes) == ("not-started", None, None)


def test_held(url: str) -> None:
    """A held row names the hold, its ground and its review."""
    (found,) = asked(url, "app.customers/4")
    assert (found.fate, found.detail) == ("hold", "hold:7")
    assert [(h.id, h.ground, h.review) for h in found.holds] == [("hold:7", "legal hold", "2026-09-01")]


def test_two_classes(url: str) -> None:
    """Fields of two classes end on two days; the row goes with the last, month ends included."""
    (found,) = asked(url, "app.orders/10")
    ends = {part.rule: (part.state, part.ends) for part in found.parts}
    assert ends == {
        "transaction": ("current", date(2031, 2, 28)),
        "delivery": ("expired", date(2025, 2, 28)),
    }
    assert (found.fate, found.goes) == ("change", date(2031, 2, 28))


def test_date_of_another_dataset(url: str) -> None:
    """A row dated by its subject names the subject's column; its key has two columns."""
    (found,) = asked(url, "app.profiles/2,de")
    assert found.parts[0].terms[0].place == "app.customers.closed_at"
    assert found.goes == date(2027, 5, 6)


def test_latest_of_several(url: str) -> None:
    """An event that is the latest of several dates names the one that decides."""
    (found,) = asked(url, "app.messages/20")
    (term,) = found.parts[0].terms
    assert (term.place, term.began) == ("app.calls.made_at", date(2025, 6, 7))
    assert found.parts[0].state == "current"


def test_controllers(url: str) -> None:
    """Rows held for somebody else, or for nobody known, are not ours to end."""
    ours, theirs, unknown = asked(url, "app.shared/40", "app.shared/41", "app.shared/42")
    assert [w.fate for w in (ours, theirs, unknown)] == ["change", "other-controller", "unknown-controller"]


def test_missing_row(url: str) -> None:
    """A key no row has, or no row could have, is answered in a sentence."""
    for found in asked(url, "app.customers/99", "app.customers/x"):
        assert not found.found
        assert "has the key" in next(sentences(found))


def test_sentences(url: str) -> None:
    """The sentences name rule, dates and columns, and no value of the row."""
    for found in asked(url, "app.customers/2", "app.orders/10", "app.profiles/2,de"):
        text = " ".join(sentences(found))
        assert "must be gone within 24 hours after that" in text
        assert not any(value in text for value in ("Bob", "Kirchweg", "bob@x.example"))
    assert "The row goes after 2031-02-28" in " ".join(sentences(asked_again(url, "app.orders/10")))


def asked_again(url: str, place: str) -> Why:
    """Ask about a row of the shop that is filled already."""
    from troth.stores.sql import open as opening

    engine = opening.connect(url, store="app")
    try:
        seen = world(engine, read(HEAD + PROJECT), at=AT)
        return why.why(engine, seen, draft(seen), *why.read_place(seen, place))
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    "place", ["app.custommers/1", "app.customers", "app.customers/", "app.profiles/2", "x"]
)
def test_wrong_places(place: str, tmp_path: Path) -> None:
    """A place that names no row is refused with what was expected."""
    with pytest.raises(BadInput) as refused:
        asked(f"sqlite:///{tmp_path / 'app.db'}", place)
    assert refused.value.problems[0].hint
