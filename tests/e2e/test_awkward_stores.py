"""Stores as they are found in the wild: types of their own, names with every character, careful constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.test_never_too_much import PROJECT, kept, project

KEYS = [f"00000000-0000-0000-0000-00000000000{n}" for n in range(4)]
TYPES = (
    "CREATE TYPE state AS ENUM ('open', 'closed')",
    "CREATE TABLE customers (id uuid PRIMARY KEY, email text, closed_at timestamp, state state, tenant text)",
    "INSERT INTO customers VALUES "
    + ", ".join(
        f"('{key}', 'x', {date}, '{state}', {tenant})"
        for key, date, state, tenant in zip(
            KEYS,
            ["'2020-01-01'", "'2020-01-01'", "NULL", "'2020-01-01'"],
            ["closed", "closed", "open", "closed"],
            ["'1'", "'1'", "'1'", "'2'"],
            strict=True,
        )
    ),
)


def test_keys_and_states_of_their_own_types(tmp_path: Path, pg_url: str) -> None:
    """Holds on uuid keys, states of an enum and controllers numbered in a text column all work on PostgreSQL."""
    more = "    open-while: {account.closed: {column: state, is: [open]}}\n"
    more += "    controller: {column: tenant, ours: [1]}\n"
    shop = project(tmp_path / "shop", pg_url, *TYPES, text=PROJECT + more)
    common = ("hold", "add", "--ground", "legal-hold", "--owner", "Ann", "--review", "2027-01-01", "--title")
    for number, scope in enumerate([f"customer/{KEYS[0]}", "app.customers: state = 'open'"]):
        assert shop.troth(*common, f"case {number}", "--scope", scope).returncode == 0
    assert [str(key) for key in kept(shop)] == [KEYS[0], KEYS[2], KEYS[3]]
    assert "tenant IN ('1')" in shop.troth("plan", "show", "plan.json", "--sql").stdout.replace('"', "")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_names_with_every_character(tmp_path: Path, engine: str, new_pg_url: Callable[[], str]) -> None:
    """A table's name may hold blanks, percent signs and quotes; work and purge find it."""
    url = f"sqlite:///{tmp_path}/app.db" if engine == "sqlite" else new_pg_url()
    text = PROJECT.replace("app.customers", "app.Our 100% 'good' ones")
    shop = project(tmp_path / "shop", url, text=text)
    shop.sql("CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at timestamp)")
    shop.sql("INSERT INTO customers VALUES (1, 'a', '2020-01-01 00:00:00')")
    shop.sql(
        "ALTER TABLE customers RENAME TO \"Our 100%% 'good' ones\"".replace(
            "%%", "%" * (1 + (engine != "sqlite"))
        )
    )
    shop.plan()
    done = shop.troth("apply", "plan.json", "--backup-taken")
    assert done.returncode == 0, done.stderr
    assert "done" in done.stdout


@pytest.mark.parametrize(
    "check", ["coalesce(email, '') <> ''", "email IS NOT NULL", "(email IS DISTINCT FROM NULL)"]
)
def test_a_check_that_knows_of_null_is_foreseen(tmp_path: Path, pg_url: str, check: str) -> None:
    """A column whose CHECK would refuse NULL is a finding in the plan, not an error in the middle."""
    table = (
        f"CREATE TABLE customers (id integer PRIMARY KEY, email text CHECK ({check}), closed_at timestamp)"
    )
    text = PROJECT.replace("delete-row", "keep-row")
    rows = "INSERT INTO customers VALUES (1, 'a', '2020-01-01')"
    shop = project(tmp_path / "shop", pg_url, table, rows, text=text)
    done = shop.troth("plan", "retention", "--out", "plan.json")
    assert "cannot-blank" in done.stdout + done.stderr
    assert shop.troth("apply", "plan.json", "--backup-taken").returncode == 0


HELP_DESK = """\
  help.tickets:
    subject: customer via email
    kept-as: order
    on-expiry: delete-row
    fields: {contact: [email]}
    anchors: {order.made: made_at}
"""


def test_a_hold_on_a_person_reaches_into_another_store(tmp_path: Path) -> None:
    """Where nobody can tell yet whose rows are, a hold on a person keeps all of them."""
    help_desk = f'help: {{url: "sqlite:///{tmp_path}/help.db", located: US, timezone: UTC}}'
    text = PROJECT.replace("stores: {app:", f"stores: {{{help_desk}, app:") + HELP_DESK
    table = "CREATE TABLE customers (id integer PRIMARY KEY, email text, closed_at text)"
    shop = project(tmp_path / "shop", f"sqlite:///{tmp_path}/app.db", table, text=text)
    desk = replace(shop, url=f"sqlite:///{tmp_path}/help.db")
    desk.sql("CREATE TABLE tickets (id integer PRIMARY KEY, email text, made_at text)")
    desk.sql("INSERT INTO tickets VALUES (1, 'a', '2020-01-01 00:00:00')")
    found = shop.troth("plan", "retention")
    assert "Delete 1 row of help.tickets" in found.stdout and "reach-across-stores" in found.stdout
    common = ("hold", "add", "--ground", "legal-hold", "--owner", "Ann", "--review", "2027-01-01")
    assert shop.troth(*common, "--title", "case 1", "--scope", "customer/1").returncode == 0
    assert "1 row of help.tickets stays because of hold:1" in shop.troth("plan", "retention").stdout
