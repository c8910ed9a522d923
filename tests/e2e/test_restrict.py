"""A person's data restricted, proven, kept from erasure and lifted, by the installed command."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from e2e.shops import NOW, Shop, refused
from troth.app import clock, restricting
from troth.app.wishes import Wish
from troth.errors import StoreError
from troth.people.typed import Line
from troth.stores.sql import restrict

ORDER = ("--reason", "accuracy-contested", "--review", "2026-09-01", "--by", "Anna")


@pytest.fixture
def roles(pg_shop: Shop) -> Iterator[Shop]:
    """Give the shop on PostgreSQL a role of its application and one of its lawyers, declared."""
    end = uuid.uuid4().hex[:8]
    names = (f"app_{end}", f"law_{end}")
    for name in names:
        pg_shop.sql(f"CREATE ROLE {name}")
        pg_shop.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    declared = f"timezone: UTC, roles: {{{names[0]}: [support], {names[1]}: [legal-claims]}}}}"
    pg_shop.write("datamap.yaml", "timezone: UTC}", declared)
    yield pg_shop
    for name in names:
        pg_shop.sql(f"DROP OWNED BY {name}")
        pg_shop.sql(f"DROP ROLE {name}")


def role(shop: Shop, name: str) -> int:
    """Count the customers a role reads."""
    (found,) = re.findall(rf"{name}_\w+", (shop.folder / "datamap.yaml").read_text())
    engine = shop.engine()
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET ROLE {found}")
        count = int(connection.exec_driver_sql("SELECT count(*) FROM customers").scalar_one())
    engine.dispose()
    return count


def test_restricted_on_postgresql_until_it_is_lifted(roles: Shop) -> None:
    """The application reads nothing, the lawyers everything; erasure and retention keep the rows; lifting ends it."""
    made = roles.troth("restrict", "email:n2@example.org", *ORDER, "--allow-purpose", "legal-claims")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "restriction:1" in made.stdout
    assert "n2@example.org" not in made.stdout + made.stderr
    assert (role(roles, "app"), role(roles, "law")) == (39, 40)
    erased = roles.troth("erase", "email:n2@example.org")
    assert "restriction" in erased.stdout
    roles.plan()
    assert "hold:1" in roles.troth("plan", "show", "plan.json").stdout
    proven = roles.troth("restrict", "prove")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    lifted = roles.troth("restrict", "lift", "restriction:1", "--by", "Anna")
    assert lifted.returncode == 0, lifted.stderr
    assert role(roles, "app") == 40
    assert "No holds stand" in roles.troth("hold", "list").stdout
    refused(roles.troth("restrict", "lift", "1"), 5, "lifted already")
    assert roles.troth("evidence", "list").stdout.count("restriction.") == 4


def test_given_again_it_goes_on_and_another_reason_is_another(roles: Shop) -> None:
    """The same command names the same restriction; lifting one of two leaves the other in place."""
    assert roles.troth("restrict", "email:n2@example.org", *ORDER).returncode == 0
    again = roles.troth("restrict", "customer/2", *ORDER)
    assert "restriction:1" in again.stdout
    assert "begun before" in again.stdout
    other = roles.troth("restrict", "customer/2", "--reason", "legal-claims", "--review", "2026-09-01")
    assert "restriction:2" in other.stdout
    roles.troth("restrict", "lift", "1")
    assert role(roles, "app") == 39
    roles.troth("restrict", "lift", "2")
    assert role(roles, "app") == 40


def test_a_hole_that_opens_is_seen(roles: Shop) -> None:
    """A view that shows restricted rows makes the next look fail, with 1."""
    assert roles.troth("restrict", "email:n2@example.org", *ORDER).returncode == 0
    roles.sql("CREATE VIEW everybody AS SELECT * FROM customers")
    roles.sql("GRANT SELECT ON everybody TO PUBLIC")
    seen = roles.troth("restrict", "prove")
    assert seen.returncode == 1, seen.stdout + seen.stderr
    assert "through the view public.everybody" in seen.stdout


def test_moved_on_sqlite_and_back(shop: Shop) -> None:
    """Rows leave the application's tables, a second restriction inherits them, and they come back."""
    before = shop.sql("SELECT * FROM customers ORDER BY id"), shop.sql("SELECT * FROM orders ORDER BY id")
    made = shop.troth("restrict", "--from", "-", *ORDER, stdin="email:n2@example.org\n")
    assert made.returncode == 0, made.stdout + made.stderr
    assert shop.counts == (39, 39, 127)
    assert shop.troth("lint").returncode == 0
    other = shop.troth(
        "restrict", "email:n2@example.org", "--reason", "legal-claims", "--review", "2026-09-01"
    )
    assert "restriction:2" in other.stdout, other.stdout + other.stderr
    shop.troth("restrict", "lift", "1")
    assert shop.counts == (39, 39, 127)
    lifted = shop.troth("restrict", "lift", "2")
    assert lifted.returncode == 0, lifted.stderr
    assert before == (
        shop.sql("SELECT * FROM customers ORDER BY id"),
        shop.sql("SELECT * FROM orders ORDER BY id"),
    )
    assert "No restriction is open" in shop.troth("restrict", "list").stdout
    assert "lifted" in shop.troth("restrict", "list", "--all").stdout


def test_what_cannot_be_done_is_refused(pg_shop: Shop) -> None:
    """Nobody, no roles, a wrong reason, a wrong purpose and a review in the past change nothing."""
    refused(pg_shop.troth("restrict", "email:nobody@example.org", *ORDER), 5, "Nobody was found")
    refused(pg_shop.troth("restrict", "email:n2@example.org", *ORDER), 5, "declares no roles")
    refused(pg_shop.troth("restrict", "email:n2@example.org", "--reason", "x", "--review", "2026-09-01"), 2)
    wrong = ("--allow-purpose", "legal-claim")
    refused(pg_shop.troth("restrict", "email:n2@example.org", *ORDER, *wrong), 2, "legal-claims")
    refused(pg_shop.troth("restrict", "lift", "7"), 5, "no restriction")
    assert "No restriction is open" in pg_shop.troth("restrict", "list").stdout


def test_a_store_that_fails_leaves_it_begun_and_the_same_command_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure in the store the hold stands already; given again, the same restriction is finished."""
    environment = {"APP_DB": shop.url, "TROTH_TEST_CLOCK": NOW}
    ask = restricting.Ask(reason="legal-claims", review="2026-09-01", allowed=(), by="Anna")
    wish = Wish(lines=[Line(source="<arguments>", line=1, text="customer/2")], limit=20)
    ours = (ask, wish, shop.folder, environment, clock.of(environment))

    def fails(*_: object) -> None:
        raise StoreError("The store went away.")

    with monkeypatch.context() as patched:
        patched.setattr(restrict, "place", fails)
        begun = restricting.place(*ours)
    assert (begun.record.state, begun.record.proof, len(begun.failed)) == ("begun", "readable", 1)
    assert "restriction" in shop.troth("hold", "list").stdout
    done = restricting.place(*ours)
    assert (done.record.id, done.record.state, done.record.proof, done.again) == (1, "stands", "proven", True)
    assert shop.counts == (39, 39, 127)
