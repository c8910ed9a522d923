"""What the last look at each store found, kept in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger as ledgers
from troth.app import looking
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.ledger.ledger import Ledger

MAP = {
    "stores": {"app": {"url": "sqlite:///app"}, "crm": {"url": "sqlite:///crm"}},
    "subjects": {"customer": {"dataset": "app.people", "key": ["id"]}},
    "datasets": {"app.people": {"fields": {"contact": ["email"]}}, "app.gone": {"subject": ["customer"]}},
}


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a new ledger."""
    found = ledgers.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys", now=lambda: AT)
    yield found
    found.close()


def _catalog(**tables: tuple[str, ...]) -> Catalog:
    made = {
        name: Table(
            name=name,
            table=name,
            columns=tuple(Column(name=column, kind=ColumnKind.TEXT) for column in columns),
            primary_key=("id",),
        )
        for name, columns in tables.items()
    }
    return Catalog(store="app", dialect="sqlite", tables=made)


def _seen(ledger: Ledger, datamap: DataMap) -> looking.Seen:
    return looking.last(ledger, datamap)[0]


def _map(**more: object) -> DataMap:
    return DataMap.model_validate({**MAP, **more})


def test_a_look_keeps_what_is_undeclared_missing_and_reached(ledger: Ledger) -> None:
    """Names of tables and columns, and whose rows they are."""
    found = _catalog(people=("id", "email", "mood"), signups=("id",))
    looking.keep(ledger, _map(), {"app": found}, {"crm": "no route"}, at=AT)
    app, crm = looking.last(ledger, _map())
    assert app.undeclared == (
        ("undeclared-column", "app.people.mood"),
        ("undeclared-table", "app.signups"),
    )
    assert app.missing == ("app.gone",)
    assert dict(app.reach) == {"app.people": ("customer",)}
    assert (crm.at, crm.trouble) == (None, "no route")


def test_a_store_that_is_away_keeps_its_last_look(ledger: Ledger) -> None:
    """What it said stands beside what was seen; the next answer takes it away."""
    found = _catalog(people=("id", "email"), signups=("id",))
    looking.keep(ledger, _map(), {"app": found}, {}, at=AT)
    looking.keep(ledger, _map(), {}, {"app": "no route"}, at=AT + timedelta(days=1))
    seen = _seen(ledger, _map())
    assert (seen.at, seen.trouble, len(seen.undeclared)) == (AT, "no route", 1)
    looking.keep(ledger, _map(), {"app": found}, {}, at=AT + timedelta(days=2))
    assert _seen(ledger, _map()).trouble == ""


def test_what_the_map_has_come_to_speak_of_is_not_shown_as_undeclared(ledger: Ledger) -> None:
    """Mending the files is seen at once, before the next look."""
    found = _catalog(people=("id", "email", "mood"), signups=("id",))
    looking.keep(ledger, _map(), {"app": found}, {}, at=AT)
    mended = _map(
        no_personal_data=["app.signups"],
        datasets={"app.people": {"fields": {"contact": ["email"], "health": ["mood"]}}},
    )
    assert _seen(ledger, mended).undeclared == ()
    assert _seen(ledger, mended).missing == ()


def test_stores_that_are_no_databases_have_nothing_undeclared(ledger: Ledger) -> None:
    """What an adapter names its parts is not for the data map to declare."""
    found = _catalog(messages=("id", "cc", "bcc"))
    looking.keep(ledger, _map(), {"app": found}, {}, at=AT, others=frozenset({"app"}))
    seen = _seen(ledger, _map())
    assert (seen.undeclared, seen.missing) == ((), ())


def test_without_any_look_nothing_is_known(ledger: Ledger) -> None:
    """A new ledger says so."""
    assert [one.at for one in looking.last(ledger, _map())] == [None, None]
