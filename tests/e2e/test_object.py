"""Objections by the installed command: recorded, asked, decided, and alive after erasure."""

from __future__ import annotations

from pathlib import Path

from e2e.shops import NOW, Shop, refused
from troth.app import clock, objecting

MAILING = "email:n2@example.org\nN2@EXAMPLE.org\n\nn3@example.org\nrubbish\n"


def with_marker(shop: Shop) -> None:
    """Declare a marker column for marketing."""
    shop.sql("ALTER TABLE customers ADD COLUMN no_mail integer")
    shop.write("datamap.yaml", "    on-expiry: delete-row\n    fields: {identity", "    on-expiry: delete-row\n"
               "    objected: {marketing: no_mail}\n    fields: {identity")  # fmt: skip


def test_an_objection_blocks_its_purpose_until_it_is_refused(any_shop: Shop) -> None:
    """Each line is answered by its number; the marker is set and cleared; no value is said."""
    with_marker(any_shop)
    made = any_shop.troth("object", "customer/2", "email:n2@example.org", "--purpose", "marketing")
    assert made.returncode == 0, made.stdout + made.stderr
    assert any_shop.sql("SELECT id FROM customers WHERE no_mail = 1") == [(2,)]
    asked = any_shop.troth("object", "check", "--purpose", "marketing", stdin=MAILING)
    assert (asked.returncode, asked.stdout) == (1, "1\tblocked\n2\tblocked\n4\tfree\n5\tunreadable\n")
    again = any_shop.troth("object", "email:n2@example.org", "--purpose", "marketing")
    assert "recorded before" in again.stdout
    order = ("--decide", "refused", "--because", "compelling grounds")
    decided = any_shop.troth("object", "email:n2@example.org", "--purpose", "marketing", *order)
    assert decided.returncode == 0, decided.stderr
    assert any_shop.sql("SELECT count(*) FROM customers WHERE no_mail = 1") == [(0,)]
    free = any_shop.troth("object", "check", "--purpose", "marketing", stdin="n2@example.org\n")
    assert (free.returncode, free.stdout) == (0, "1\tfree\n")
    log = any_shop.troth("evidence", "list").stdout
    assert "objection.made" in log
    assert "objection.decided" in log
    assert "example.org" not in log + made.stdout + decided.stdout


def test_it_outlives_the_row_and_needs_none(shop: Shop) -> None:
    """Somebody whom no store has objects, and one whose row is gone is still blocked."""
    with_marker(shop)
    for who in ("email:n2@example.org", "email:nobody@example.org"):
        assert shop.troth("object", who, "--purpose", "marketing").returncode == 0
    shop.sql("DELETE FROM orders WHERE customer_id = 2")
    shop.sql("DELETE FROM customers WHERE id = 2")
    asked = shop.troth(
        "object", "check", "--purpose", "marketing", stdin="n2@example.org\nnobody@example.org\n"
    )
    assert asked.stdout == "1\tblocked\n2\tblocked\n"
    assert b"n2@example" not in b"".join(p.read_bytes() for p in (shop.folder / ".troth").rglob("*.sqlite"))
    environment = {"APP_DB": shop.url, "TROTH_TEST_CLOCK": NOW}
    ours = (Path(shop.folder), environment, clock.of(environment))
    assert not objecting.allowed("email:N2@example.org", "marketing", *ours)
    assert objecting.allowed("email:n3@example.org", "marketing", *ours)
    with objecting.asking("marketing", *ours) as gate:
        assert [gate.allows(f"n{n}@example.org") for n in (2, 3)] == [False, True]


def test_what_cannot_be_recorded_is_refused(shop: Shop) -> None:
    """An unknown purpose, a decision without a reason, and one that was made already change nothing."""
    asked = shop.troth("object", "check", "customer/2", "--purpose", "marketing")
    refused(asked, 2, "standard input")
    with_marker(shop)
    ada = ("object", "email:n2@example.org", "--purpose")
    refused(shop.troth(*ada, "marketng"), 2, "marketing")
    refused(shop.troth(*ada, "marketing", "--decide", "granted"), 2, "no reason")
    assert "No objection" in shop.troth("object", "list").stdout
    assert shop.troth(*ada, "marketing", "--decide", "granted", "--because", "x").returncode == 0
    refused(shop.troth(*ada, "marketing", "--decide", "refused", "--because", "x"), 5, "decided already")
    assert "granted" in shop.troth("object", "list").stdout
