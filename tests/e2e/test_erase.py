"""People erased by the command, and what stands in the way: clear words, the right exit code, nothing half-done."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import psycopg

from e2e.shops import Shop, refused

MARY = "email:n3@example.org"
TWO_STORES = """
stores:
  desk: {url: "${DESK_DB}", located: US, timezone: UTC}
datasets:
  desk.tickets:
    subject: customer via email = app.customers.email
    kept-as: account
    on-expiry: delete-row
    fields: {contact: [email], identity: [body]}
    free-text: [body]
"""
MEMBERS = """
retention:
  bill: {for: 7 years, after: bill.made, because: tax, minimal-record: [amount]}
subjects:
  member: {dataset: app.people, key: id, identities: {username: name}}
datasets:
  app.people: {kept-as: account, on-expiry: delete-row, fields: {identity: [name]}}
  app.bills:
    subject: member
    kept-as: bill
    on-expiry: delete-row
    fields: {transaction: [total]}
    anchors: {bill.made: at}
    minimal-record: {amount: total}
"""


def planned(shop: Shop, *texts: str) -> dict[str, Any]:
    """Plan an erasure and return the plan."""
    done = shop.troth("erase", "--from", "-", "--plan", "erase.json", stdin="\n".join(texts))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((shop.folder / "erase.json").read_text())


def applied(shop: Shop, *, code: int = 0) -> str:
    """Carry the plan out and return what was said."""
    done = shop.troth("apply", "erase.json", "--certificate", "certificate.json")
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def certificate(shop: Shop) -> dict[str, Any]:
    """Read what was certified."""
    return json.loads((shop.folder / "certificate.json").read_text())


def desk(shop: Shop, tmp_path: Path) -> Shop:
    """Add a second store with tickets, some of Mary's among them, to the project."""
    path = tmp_path / "desk.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE tickets (id integer PRIMARY KEY, email text, body text)")
        connection.executemany(
            "INSERT INTO tickets VALUES (?, ?, ?)",
            [
                (1, "N3@Example.org", "help"),
                (2, "n5@example.org", "ask n3@example.org"),
                (3, None, "nothing"),
            ],
        )
    (shop.folder / "desk.yaml").write_text(TWO_STORES)
    shop.write("troth.yaml", "include: [datamap.yaml]", "include: [datamap.yaml, desk.yaml]")
    return shop.having(DESK_DB=f"sqlite:///{path}")


def test_a_person_goes_and_nobody_else(shop: Shop) -> None:
    """Rows of the person go, those of others stay, and the certificate says what was looked at."""
    plan = planned(shop, MARY)
    assert "n3@example.org" not in json.dumps(plan)
    before = shop.counts
    said = applied(shop)
    assert shop.counts == (before[0] - 1, before[1] - 1, before[2] - 3)
    assert "n3@example.org" not in said
    made = certificate(shop)
    assert made["outcome"] == "done"
    assert {one["dataset"] for one in made["looked"]} >= {"app.customers", "app.orders"}
    assert shop.troth("find", MARY).returncode == 1


def test_nobody_is_an_answer_of_its_own(shop: Shop) -> None:
    """An identity nobody has makes no plan: exit 1, and never done."""
    done = shop.troth("erase", "email:nobody@example.org", "--plan", "erase.json")
    assert done.returncode == 1
    assert "Nobody was found" in done.stdout
    assert not (shop.folder / "erase.json").exists()


def test_one_of_two_is_erased(shop: Shop) -> None:
    """Of several identities those nobody has are named by position; the others are planned."""
    done = shop.troth(
        "erase", "--from", "-", "--plan", "erase.json", stdin=f"{MARY}\nemail:nobody@example.org\n"
    )
    assert done.returncode == 0
    assert "email 2" in done.stdout
    assert "nobody@example.org" not in done.stdout + done.stderr


def test_an_identity_of_two_people_is_refused(shop: Shop) -> None:
    """Who is meant must be clear; nothing is written."""
    shop.sql("UPDATE customers SET email = 'n3@example.org' WHERE id = 5")
    done = shop.troth("erase", MARY, "--plan", "erase.json")
    refused(done, 5, "has 2 people", "customer/123")
    assert not (shop.folder / "erase.json").exists()


def test_somebody_elses_address_is_not_followed(shop: Shop, tmp_path: Path) -> None:
    """An address typed into a profile and never verified does not reach its owner's rows."""
    shop = desk(shop, tmp_path)
    shop.sql("ALTER TABLE customers ADD COLUMN verified integer")
    shop.sql("UPDATE customers SET verified = 1")
    shop.sql("UPDATE customers SET verified = 0, email = 'n3@example.org' WHERE id = 7")
    shop.write(
        "datamap.yaml",
        "identities: {email: email}",
        "identities: {email: {field: email, verified: verified}}",
    )
    shop.write("datamap.yaml", "contact: [email]}", "contact: [email]}\n    no-personal-data: [verified]")
    plan = planned(shop, "customer/7")
    assert dict(map(tuple, plan["counted"]))["desk.tickets"] == 0


def test_erasing_twice_does_nothing_more(shop: Shop) -> None:
    """A finished plan answers so with 0; a new one finds nobody."""
    planned(shop, MARY)
    applied(shop)
    before = shop.counts
    assert "done and proven before" in applied(shop)
    assert shop.counts == before
    assert shop.troth("erase", MARY).returncode == 1


def test_three_applies_at_once_do_it_once(shop: Shop) -> None:
    """One does it; the others are refused, find it done, or help to prove it: what came of it stays done."""
    planned(shop, MARY)
    before = shop.counts
    running = [shop.start("apply", "erase.json") for _ in range(3)]
    said = [one.communicate(timeout=180) for one in running]
    codes = sorted(one.returncode for one in running)
    assert codes[0] == 0, said
    assert set(codes) <= {0, 5}, said
    assert shop.counts == (before[0] - 1, before[1] - 1, before[2] - 3)
    assert "done and proven before" in applied(shop)


def test_a_placeholder_is_nobodys_identity(shop: Shop) -> None:
    """What an erasure put in place of a value that may not be empty is not searched for by the next one."""
    shop.sql("CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL UNIQUE)")
    shop.sql(
        "CREATE TABLE bills (id integer PRIMARY KEY, person integer REFERENCES people, total integer, at text)"
    )
    shop.sql("INSERT INTO people VALUES (1, 'ann.lee'), (2, 'bo.ek')")
    shop.sql("INSERT INTO bills VALUES (1, 1, 5, '2025-01-01 10:00:00')")
    (shop.folder / "members.yaml").write_text(MEMBERS)
    shop.write("troth.yaml", "include: [datamap.yaml]", "include: [datamap.yaml, members.yaml]")
    for _ in range(2):
        planned(shop, "member/1")
        applied(shop)
    assert shop.sql("SELECT name FROM people WHERE id = 1") == [("erased-1",)]
    assert certificate(shop)["left"] == []


def test_keys_stay_with_the_rows_they_link(shop: Shop) -> None:
    """A bill that tax law keeps goes on naming its person's key, and is no residue for it."""
    key = "0b8f3c1e-52a7-4c0b-9c0e-0a1b2c3d4e5f"
    shop.sql("CREATE TABLE people (id text PRIMARY KEY, name text)")
    shop.sql(
        "CREATE TABLE bills (id integer PRIMARY KEY, person text REFERENCES people, total integer, at text)"
    )
    shop.sql(f"INSERT INTO people VALUES ('{key}', 'ann.lee')")
    shop.sql(f"INSERT INTO bills VALUES (1, '{key}', 5, '2025-01-01 10:00:00')")
    (shop.folder / "members.yaml").write_text(MEMBERS)
    shop.write("troth.yaml", "include: [datamap.yaml]", "include: [datamap.yaml, members.yaml]")
    planned(shop, f"member/{key}")
    applied(shop)
    made = certificate(shop)
    assert (made["outcome"], made["left"]) == ("kept", [])
    stays = {(one["dataset"], one["column"], one["kind"], one["reason"]) for one in made["stays"]}
    assert stays == {
        ("app.bills", "person", "member", "statutory-duty"),
        ("app.people", "id", "member", "needed-by"),
    }


def test_rows_that_came_meanwhile_go_too(shop: Shop) -> None:
    """A row written between plan and apply is erased with the others."""
    planned(shop, MARY)
    shop.sql("INSERT INTO orders VALUES (99, 3, 1, '2025-06-01 10:00:00')")
    applied(shop)
    assert shop.sql("SELECT count(*) FROM orders WHERE customer_id = 3") == [(0,)]


def test_a_hold_placed_after_the_plan_wins(shop: Shop) -> None:
    """A new ground always wins: nothing of the person is touched, and the outcome is not done."""
    planned(shop, MARY)
    placed = shop.troth(
        *("hold", "add", "--ground", "court-order", "--scope", "customer/3", "--title", "case"),
        *("--owner", "legal", "--review", "2027-01-31"),
    )
    assert placed.returncode == 0, placed.stderr
    before = shop.counts
    done = shop.troth("apply", "erase.json", "--certificate", "certificate.json")
    assert shop.counts == before
    assert done.returncode != 0 or certificate(shop)["outcome"] == "kept"
    assert certificate(shop)["outcome"] != "done"


def test_a_held_person_in_a_bulk_hides_nobody_else(any_shop: Shop) -> None:
    """What a hold keeps of one of three is told apart; what is left of another in that very row is named."""
    shop = any_shop
    placed = shop.troth(
        *("hold", "add", "--ground", "court-order", "--scope", "customer/5", "--title", "case"),
        *("--owner", "legal", "--review", "2027-01-31"),
    )
    assert placed.returncode == 0, placed.stderr
    planned(shop, MARY, "email:n5@example.org", "email:n7@example.org")
    shop.sql("UPDATE customers SET name = 'friend of n3@example.org' WHERE id = 5")
    applied(shop, code=1)
    made = certificate(shop)
    assert made["outcome"] == "partial"
    left = [(one["column"].partition(" ")[0], one["kind"], one["rows"]) for one in made["left"]]
    assert set(left) == {("name", "email", 1)}, "statistics that were taken meanwhile may show it, too"
    assert [(one["column"], one["rows"], one["reason"]) for one in made["stays"]] == [("email", 1, "hold")]
    assert shop.sql("SELECT email FROM customers WHERE id IN (3, 5, 7)") == [("n5@example.org",)]
    shop.sql("UPDATE customers SET name = 'a friend' WHERE id = 5")
    shop.sql("ANALYZE customers")
    applied(shop)
    assert (certificate(shop)["outcome"], certificate(shop)["left"]) == ("kept", [])


def test_a_changed_project_makes_a_plan_stale(shop: Shop) -> None:
    """A plan is good for the rules it was made from."""
    planned(shop, MARY)
    shop.write("troth.yaml", "{for: 2 years", "{for: 3 years")
    refused(shop.troth("apply", "erase.json"), 5, "stale")


def test_a_changed_plan_is_refused(shop: Shop) -> None:
    """A plan that was edited is no plan."""
    planned(shop, MARY)
    path = shop.folder / "erase.json"
    path.write_text(path.read_text().replace("app.orders", "app.customers", 1))
    refused(shop.troth("apply", "erase.json"), 2, "bad-plan")


def test_a_plan_of_another_ledger_is_refused(shop: Shop, tmp_path: Path) -> None:
    """Whom a plan is about stands only in the ledger it was made with."""
    planned(shop, MARY)
    other = shop.having(TROTH_LEDGER=f"sqlite:///{tmp_path}/other.sqlite", TROTH_KEYS=f"{tmp_path}/keys")
    refused(other.troth("apply", "erase.json"), 5, "no manifest")


def test_a_constraint_rolls_the_whole_store_back(any_shop: Shop) -> None:
    """What the schema forbids at run time leaves no table erased and one not; mended, a rerun finishes."""
    shop = any_shop
    if shop.url.startswith("sqlite"):
        shop.sql(
            "CREATE TRIGGER no BEFORE DELETE ON customers BEGIN SELECT raise(ABORT, 'n3@example.org'); END"
        )
        lift = "DROP TRIGGER no"
    else:
        shop.sql(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'n3@example.org'; END $$"
        )
        shop.sql("CREATE TRIGGER no BEFORE DELETE ON customers FOR EACH ROW EXECUTE FUNCTION no()")
        lift = "DROP TRIGGER no ON customers"
    planned(shop, MARY)
    before = shop.counts
    done = shop.troth("apply", "erase.json")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "n3@example.org" not in done.stdout + done.stderr
    assert shop.counts == before
    shop.sql(lift)
    planned(shop, MARY)
    applied(shop)


def test_a_store_that_vanishes_leaves_the_others_done(shop: Shop, tmp_path: Path) -> None:
    """What is done stays, the rest is named; applying again finishes it."""
    shop = desk(shop, tmp_path)
    planned(shop, MARY)
    file = tmp_path / "desk.sqlite"
    file.rename(tmp_path / "away.sqlite")
    before = shop.counts
    done = shop.troth("apply", "erase.json")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert shop.counts == (before[0] - 1, before[1] - 1, before[2] - 3)
    (tmp_path / "away.sqlite").rename(file)
    applied(shop, code=1)  # the address in somebody else's ticket is left, and named
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT id FROM tickets ORDER BY id").fetchall() == [(2,), (3,)]


def test_a_residue_in_somebody_elses_text_is_named(shop: Shop, tmp_path: Path) -> None:
    """An address in a row of somebody else is no row of the person's: it is found, named, and not called clean."""
    shop = desk(shop, tmp_path)
    planned(shop, MARY)
    applied(shop, code=1)
    made = certificate(shop)
    assert made["outcome"] == "partial"
    assert [(one["dataset"], one["column"]) for one in made["left"]] == [("desk.tickets", "body")]
    assert "Look through desk.tickets.body" in shop.troth("task", "list").stdout.replace("\n", " ")
    with sqlite3.connect(tmp_path / "desk.sqlite") as connection:
        connection.execute("UPDATE tickets SET body = 'ask somebody' WHERE id = 2")
    applied(shop)
    assert certificate(shop)["outcome"] == "done"
    assert "desk.tickets" not in shop.troth("task", "list").stdout, "nothing is left to be done"


def test_a_table_that_is_not_there_is_never_done(shop: Shop) -> None:
    """A table of the data map that the store does not have may have another name now: a person finds out."""
    shop.sql("ALTER TABLE orders RENAME TO purchases")
    planned(shop, MARY)
    applied(shop, code=1)
    made = certificate(shop)
    assert (made["outcome"], made["left"]) == ("partial", [])
    assert ["app.orders" in one["what"] for one in made["tasks"]] == [True]


def test_a_read_only_copy_is_told_apart(pg_shop: Shop) -> None:
    """Planning on a store that may only be read works; applying there fails and says so."""
    shop = pg_shop
    planned(shop, MARY)
    with psycopg.connect(shop.url, autocommit=True) as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        assert name is not None
        connection.execute(f'ALTER DATABASE "{name[0]}" SET default_transaction_read_only = on')
    before = shop.counts
    done = shop.troth("apply", "erase.json")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "read" in (done.stdout + done.stderr).lower()
    with psycopg.connect(shop.url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f'ALTER DATABASE "{name[0]}" RESET default_transaction_read_only')
    assert shop.counts == before
    applied(shop)
